import { Injectable } from '@nestjs/common';
import type { Caller } from '../collections/collections.types.js';
import { AppError, notFound } from '../common/errors/app-error.js';
import { DEFAULT_PAGE, decodeTimeCursor, MAX_PAGE, toPage, type Page } from '../common/http/page.js';
import { newId } from '../common/new-id.js';
import { AnswersRepository } from './answers.repository.js';
import { AnswersService, type PageWanted } from './answers.service.js';
import { ConversationsRepository } from './conversations.repository.js';
import type { AnswerRow, ConversationRow, OpenedConversation } from './conversations.types.js';
import { ownerOf } from './owner.js';

const MAX_CONVERSATIONS = 1_000;
const MAX_TURNS = 200;
/** Turns that a follow-up question may refer to. */
const RECENT_TURNS = 6;
const MAX_TITLE = 200;

/** Conversations: questions that refer to those before. Each belongs to one user; for others it does not exist. */
@Injectable()
export class ConversationsService {
  constructor(
    private readonly repository: ConversationsRepository,
    private readonly answers: AnswersService,
    private readonly turns: AnswersRepository,
  ) {}

  /** @throws AppError `conflict` when the user has too many, or keeping answers is switched off */
  async create(userId: string, title: string | null): Promise<ConversationRow> {
    await this.requireRoom(userId);
    const id = newId();
    await this.repository.insert(userId, id, title);
    return this.require(userId, id);
  }

  /** @throws AppError `not_found` when it is not this user's */
  async require(userId: string, id: string): Promise<ConversationRow> {
    const found = await this.repository.find(userId, id);
    if (!found) throw notFound('conversation');
    return found;
  }

  /**
   * Reads what a question is asked in. An id that nobody has begins a conversation, titled by its question, once its
   * answer is stored: a question that fails leaves none. Questions under way may so exceed the number of conversations.
   * @throws AppError `not_found` for another user's, `conflict` when it or their number is full, `key_not_allowed`
   */
  async open(caller: Caller, id: string, question: string): Promise<OpenedConversation> {
    const userId = ownerOf(caller);
    const found = await this.repository.find(userId, id);
    if (!found) {
      await this.requireRoom(userId);
      if (await this.repository.exists(id)) throw notFound('conversation');
      return {
        turns: [],
        begins: question.replace(/\s+/g, ' ').trim().slice(0, MAX_TITLE).toWellFormed(),
      };
    }
    if (found.turns >= MAX_TURNS)
      throw new AppError('conflict', `A conversation has at most ${MAX_TURNS} turns. Begin another one.`);
    return { turns: found.turns === 0 ? [] : await this.turns.turns(userId, id, RECENT_TURNS) };
  }

  private async requireRoom(userId: string): Promise<void> {
    if (!this.answers.keeps)
      throw new AppError('conflict', 'This server keeps no answers, and so no conversations.');
    if ((await this.repository.count(userId)) >= MAX_CONVERSATIONS)
      throw new AppError('conflict', `You have ${MAX_CONVERSATIONS} conversations. Delete some of them.`);
  }

  async page(userId: string, wanted: PageWanted): Promise<Page<ConversationRow>> {
    const limit = wanted.limit ?? DEFAULT_PAGE;
    const rows = await this.repository.page(userId, limit + 1, decodeTimeCursor(wanted.cursor));
    return toPage(
      rows,
      limit,
      (row) => [row.updated_at.toISOString(), row.id],
      (row) => row,
    );
  }

  async turnsOf(userId: string, id: string, wanted: PageWanted): Promise<Page<AnswerRow>> {
    await this.require(userId, id);
    return this.answers.turns(userId, id, wanted);
  }

  /** Everything that is kept of a conversation. */
  async export(userId: string, id: string): Promise<{ conversation: ConversationRow; turns: AnswerRow[] }> {
    const conversation = await this.require(userId, id);
    const turns: AnswerRow[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await this.answers.turns(userId, id, { limit: MAX_PAGE, cursor });
      turns.push(...page.items);
      if (page.next_cursor === null) return { conversation, turns };
      cursor = page.next_cursor;
    }
  }

  async rename(userId: string, id: string, title: string | null): Promise<ConversationRow> {
    if (!(await this.repository.rename(userId, id, title))) throw notFound('conversation');
    return this.require(userId, id);
  }

  async delete(userId: string, id: string): Promise<void> {
    if (!(await this.repository.delete(userId, id))) throw notFound('conversation');
  }

  deleteAll(userId: string): Promise<void> {
    return this.repository.deleteAll(userId);
  }
}
