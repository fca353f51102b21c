import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ConversationsService } from '../conversations/conversations.service.js';
import type { OpenedConversation } from '../conversations/conversations.types.js';
import type { LlmUsage } from '../llm/llm.types.js';
import { AnswerLog } from './answering/answer-log.service.js';
import { AnswerPassages } from './answering/answer-passages.service.js';
import type { AnswerEvent, Citation } from './answer.types.js';
import type { Answerer } from './answerer.port.js';
import { Answerers } from './answering/answerers.js';
import { FollowUps } from './follow-up/follow-ups.service.js';
import { presented } from './present/presented.js';
import { RetrievalService } from './search/retrieval.service.js';
import type { Retrieval, RetrievalRequest } from './retrieval.types.js';

/** A retrieval whose passages are to answer the query. */
export interface AskRequest extends RetrievalRequest {
  /** The conversation that the question belongs to; an id that nobody has begins one. */
  conversationId?: string | undefined;
  /** False for an answer that is not to be kept, whatever the settings say. */
  keep?: boolean | undefined;
}

export interface Answer {
  text: string;
  citations: Citation[];
  supported: boolean;
  model: string;
  usage: LlmUsage | null;
  /** What was left out on the way to the answer, as stable codes. */
  degraded: readonly string[];
}

/** An answer as it is made: what was retrieved, then the answerer's events with every quote checked. */
export interface AnswerInProgress {
  /** Id under which it can be looked up and judged; null where answers are not kept. */
  id: string | null;
  conversationId: string | null;
  /** The question as it was asked of the documents. */
  question: string;
  retrieval: Retrieval;
  events: AsyncIterable<AnswerEvent>;
}

export type WholeAnswer = Omit<AnswerInProgress, 'events'> & { answer: Answer };

@Injectable()
export class RagService {
  constructor(
    private readonly retrieval: RetrievalService,
    private readonly answerers: Answerers,
    private readonly conversations: ConversationsService,
    private readonly followUps: FollowUps,
    private readonly log: AnswerLog,
    private readonly passages: AnswerPassages,
  ) {}

  retrieve(request: RetrievalRequest): Promise<Retrieval> {
    return this.retrieval.retrieve(request);
  }

  /** Retrieves, then answers from nothing but what was retrieved, as it comes. */
  begin(request: AskRequest): Promise<AnswerInProgress> {
    return this.beginWith(this.answerers.ask, request, false);
  }

  async ask(request: AskRequest): Promise<WholeAnswer> {
    return collect(await this.beginWith(this.answerers.ask, request, true));
  }

  /** The original's flow: retrieve, put the passages into its prompt template, let the model answer. */
  async chain(request: RetrievalRequest): Promise<WholeAnswer> {
    return collect(await this.beginWith(this.answerers.chain, request, true));
  }

  private async beginWith(
    answerer: Answerer,
    request: AskRequest,
    whole: boolean,
  ): Promise<AnswerInProgress> {
    const { caller, query, signal, conversationId = null, keep = true } = request;
    const { turns, begins }: OpenedConversation =
      conversationId === null ? { turns: [] } : await this.conversations.open(caller, conversationId, query);
    const question = await this.followUps.standalone(query, turns, { userId: caller.id, signal });
    const retrieval = await this.retrieval.retrieve({ ...request, query: question, distinct: true });
    const passages = await this.passages.of(retrieval.passages);
    const answer = answerer.answer({ question, passages, userId: caller.id, whole, signal });
    const id = keep && this.log.keeps ? randomUUID() : null;
    const events = this.log.checked(presented(answer, passages), retrieval.passages);
    const about = {
      userId: caller.id,
      conversationId,
      begins,
      question: query,
      standalone: question,
      retrieval,
    };
    return {
      id,
      conversationId,
      question,
      retrieval,
      events: id === null ? events : this.log.recorded(id, about, events),
    };
  }
}

async function collect({ events, ...begun }: AnswerInProgress): Promise<WholeAnswer> {
  const answer: Answer = { text: '', citations: [], supported: false, model: '', usage: null, degraded: [] };
  for await (const event of events) {
    if (event.type === 'token') answer.text += event.text;
    else if (event.type === 'citation') answer.citations.push(event.citation);
    else {
      const { supported, model, usage, degraded } = event;
      Object.assign(answer, { supported, model, usage, degraded });
    }
  }
  return { ...begun, answer };
}
