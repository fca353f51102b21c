import { Injectable } from '@nestjs/common';
import { DocumentsService } from '../documents/documents.service.js';
import type { LlmUsage } from '../llm/llm.types.js';
import type { AnswerEvent, AnswerPassage, Citation } from './answer.types.js';
import type { Answerer } from './answerer.port.js';
import { Answerers } from './answerers.js';
import { RetrievalService } from './retrieval.service.js';
import type { Retrieval, RetrievalRequest, RetrievedPassage } from './retrieval.types.js';

export interface Answer {
  text: string;
  citations: Citation[];
  supported: boolean;
  model: string;
  usage: LlmUsage | null;
}

/** An answer as it is made: what was retrieved, then the answerer's events with every quote checked. */
export interface AnswerInProgress {
  retrieval: Retrieval;
  events: AsyncIterable<AnswerEvent>;
}

@Injectable()
export class RagService {
  constructor(
    private readonly retrieval: RetrievalService,
    private readonly documents: DocumentsService,
    private readonly answerers: Answerers,
  ) {}

  retrieve(request: RetrievalRequest): Promise<Retrieval> {
    return this.retrieval.retrieve(request);
  }

  /** Retrieves, then answers from nothing but what was retrieved, as it comes. */
  begin(request: RetrievalRequest): Promise<AnswerInProgress> {
    return this.beginWith(this.answerers.ask, request);
  }

  async ask(request: RetrievalRequest): Promise<{ retrieval: Retrieval; answer: Answer }> {
    const { retrieval, events } = await this.begin(request);
    return { retrieval, answer: await collect(events) };
  }

  /** The original's flow: retrieve, put the passages into its prompt template, let the model answer. */
  async chain(request: RetrievalRequest): Promise<{ retrieval: Retrieval; answer: Answer }> {
    const { retrieval, events } = await this.beginWith(this.answerers.chain, request);
    return { retrieval, answer: await collect(events) };
  }

  private async beginWith(answerer: Answerer, request: RetrievalRequest): Promise<AnswerInProgress> {
    const retrieval = await this.retrieval.retrieve(request);
    const passages = retrieval.passages.map(toAnswerPassage);
    const events = answerer.answer({ question: request.query, passages, signal: request.signal });
    return { retrieval, events: this.checked(events, retrieval.passages) };
  }

  /** Compares each quote with the document's stored text at the place it names. */
  private async *checked(
    events: AsyncIterable<AnswerEvent>,
    passages: readonly RetrievedPassage[],
  ): AsyncGenerator<AnswerEvent> {
    const versions = new Map(passages.map((passage) => [passage.chunk_id, passage.version_id]));
    for await (const event of events) {
      if (event.type !== 'citation' || !event.citation.verified) {
        yield event;
        continue;
      }
      const { chunkId, charStart, charEnd, quote } = event.citation;
      const versionId = versions.get(chunkId);
      const [stored] = versionId
        ? await this.documents.textSlices([{ versionId, start: charStart, end: charEnd }])
        : [];
      yield { type: 'citation', citation: { ...event.citation, verified: stored === quote } };
    }
  }
}

async function collect(events: AsyncIterable<AnswerEvent>): Promise<Answer> {
  const answer: Answer = { text: '', citations: [], supported: false, model: '', usage: null };
  for await (const event of events) {
    if (event.type === 'token') answer.text += event.text;
    else if (event.type === 'citation') answer.citations.push(event.citation);
    else Object.assign(answer, { supported: event.supported, model: event.model, usage: event.usage });
  }
  return answer;
}

function toAnswerPassage(passage: RetrievedPassage): AnswerPassage {
  return {
    chunkId: passage.chunk_id,
    documentId: passage.document_id,
    docId: passage.external_id,
    title: passage.title,
    page: passage.page,
    text: passage.text,
    headings: passage.heading_path,
    charStart: passage.char_start,
    charEnd: passage.char_end,
    score: passage.score,
    similarity: passage.distance === null ? undefined : 1 - passage.distance,
  };
}
