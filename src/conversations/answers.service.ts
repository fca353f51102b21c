import { Injectable } from '@nestjs/common';
import { notFound } from '../common/errors/app-error.js';
import { DEFAULT_PAGE, decodeTimeCursor, toPage, type Page } from '../common/http/page.js';
import { Settings } from '../config/settings.js';
import { Transactions } from '../database/transactions.js';
import { AnswersRepository } from './answers.repository.js';
import type { AnswerRow, Feedback, JudgedQuestion, NewAnswer, NewFeedback } from './conversations.types.js';

export interface PageWanted {
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** Answers that were given, kept for their user: to look them up, and to say whether they helped. */
@Injectable()
export class AnswersService {
  constructor(
    private readonly settings: Settings,
    private readonly repository: AnswersRepository,
    private readonly transactions: Transactions,
  ) {}

  /** Whether answers are kept at all. */
  get keeps(): boolean {
    return this.settings.answerRetention > 0;
  }

  async store(answer: NewAnswer): Promise<void> {
    await this.transactions.run((transaction) => this.repository.insert(transaction, answer));
  }

  /** @throws AppError `not_found` when it is not this user's */
  async require(userId: string, id: string): Promise<AnswerRow> {
    const found = await this.repository.find(userId, id);
    if (!found) throw notFound('answer');
    return found;
  }

  /** The user's answers, newest first. */
  page(userId: string, wanted: PageWanted): Promise<Page<AnswerRow>> {
    return this.list(userId, wanted, undefined);
  }

  /** The turns of a conversation, oldest first. */
  turns(userId: string, conversationId: string, wanted: PageWanted): Promise<Page<AnswerRow>> {
    return this.list(userId, wanted, conversationId);
  }

  /** @throws AppError `not_found` */
  async delete(userId: string, id: string): Promise<void> {
    if (!(await this.repository.delete(userId, id))) throw notFound('answer');
  }

  /** @throws AppError `not_found` */
  async judge(userId: string, id: string, feedback: NewFeedback): Promise<Feedback> {
    const saved = await this.repository.saveFeedback(userId, id, feedback);
    if (!saved) throw notFound('answer');
    return saved;
  }

  /** Judged questions of all users, for whoever may evaluate retrieval. */
  judged(limit: number, since?: Date): Promise<JudgedQuestion[]> {
    return this.repository.judged(limit, since);
  }

  private async list(
    userId: string,
    wanted: PageWanted,
    conversationId: string | undefined,
  ): Promise<Page<AnswerRow>> {
    const limit = wanted.limit ?? DEFAULT_PAGE;
    const rows = await this.repository.page(userId, {
      limit: limit + 1,
      after: decodeTimeCursor(wanted.cursor),
      oldestFirst: conversationId !== undefined,
      ...(conversationId === undefined ? {} : { conversationId }),
    });
    return toPage(
      rows,
      limit,
      (row) => [row.created_at.toISOString(), row.id],
      (row) => row,
    );
  }
}
