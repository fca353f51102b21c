import { Injectable, Logger } from '@nestjs/common';
import { AnswersService } from '../../conversations/answers.service.js';
import type { StoredCitation } from '../../conversations/conversations.types.js';
import { DocumentsService } from '../../documents/documents.service.js';
import type { AnswerEvent, Citation } from '../answer.types.js';
import { closingMark } from '../text/closing-mark.js';
import type { Retrieval, RetrievedPassage } from '../retrieval.types.js';

/** What an answer is about: whose question, in which conversation, and what was shown. */
export interface AnswerSubject {
  userId: string;
  conversationId: string | null;
  /** Title of the conversation, where the answer begins it. */
  begins: string | undefined;
  question: string;
  standalone: string;
  retrieval: Retrieval;
}

/** Checks the quotes of answers against the stored texts, and keeps what was answered. */
@Injectable()
export class AnswerLog {
  private readonly logger = new Logger('Answers');

  constructor(
    private readonly documents: DocumentsService,
    private readonly answers: AnswersService,
  ) {}

  get keeps(): boolean {
    return this.answers.keeps;
  }

  /**
   * Compares each quote with the document's stored text at the place it names; one that is not there is dropped, with
   * every mark that refers to it.
   */
  async *checked(
    events: AsyncIterable<AnswerEvent>,
    passages: readonly RetrievedPassage[],
  ): AsyncGenerator<AnswerEvent> {
    const dropped = new Set<number>();
    let cited = 0;
    let marked = '';
    for await (const event of events) {
      if (event.type !== 'citation') {
        yield* shown(marked, dropped);
        marked = '';
      }
      // What ends with a mark waits for the citation that may follow it.
      if (event.type === 'token' && closingMark(event.text)) marked = event.text;
      else if (event.type === 'done') yield { ...event, supported: event.supported && cited > 0 };
      else if (event.type === 'token') yield event;
      else {
        const citation = await this.verified(event.citation, passages);
        if (!citation) dropped.add(event.citation.n);
        yield* shown(marked, dropped);
        marked = '';
        if (!citation) continue;
        cited++;
        yield { ...event, citation };
      }
    }
  }

  private async verified(
    citation: Citation,
    passages: readonly RetrievedPassage[],
  ): Promise<Citation | undefined> {
    const { charStart: start, charEnd: end, quote } = citation;
    const source = sourceOf(citation, passages);
    if (!source) return undefined;
    const [stored] = await this.documents.textSlices([{ versionId: source.version_id, start, end }]);
    return stored === quote ? { ...citation, chunkId: source.chunk_id } : undefined;
  }

  /** Passes an answer on and keeps it before its last event; that it could not be kept does not spoil it. */
  async *recorded(
    id: string,
    about: AnswerSubject,
    events: AsyncIterable<AnswerEvent>,
  ): AsyncGenerator<AnswerEvent> {
    let text = '';
    const citations: StoredCitation[] = [];
    for await (const event of events) {
      if (event.type === 'token') text += event.text;
      else if (event.type === 'citation') citations.push(toStored(event.citation));
      else
        await this.answers
          .store({
            id,
            userId: about.userId,
            conversation_id: about.conversationId,
            begins: about.begins,
            question: about.question,
            standalone: about.standalone === about.question ? null : about.standalone,
            answer: text,
            supported: event.supported,
            model: event.model,
            degraded: [...about.retrieval.degraded, ...event.degraded],
            usage: event.usage,
            citations,
            chunk_ids: about.retrieval.passages.map((passage) => passage.chunk_id),
          })
          .catch((error: unknown) => this.logger.warn({ err: error }, 'an answer was given but not kept'));
      yield event;
    }
  }
}

function* shown(text: string, dropped: ReadonlySet<number>): Generator<AnswerEvent> {
  const mark = closingMark(text);
  const without = mark && dropped.has(mark.n) ? text.slice(0, mark.start) : text;
  if (without !== '') yield { type: 'token', text: without };
}

/** The passage that a quote begins in, which may be a neighbour of the one whose name both bear. */
function sourceOf(
  { chunkId, charStart }: Citation,
  passages: readonly RetrievedPassage[],
): RetrievedPassage | undefined {
  const named = passages.find((passage) => passage.chunk_id === chunkId);
  const within = (passage: RetrievedPassage): boolean =>
    passage.version_id === named?.version_id &&
    passage.char_start <= charStart &&
    charStart < passage.char_end;
  return passages.find(within) ?? named;
}

const toStored = (citation: Citation): StoredCitation => ({
  n: citation.n,
  document_id: citation.documentId,
  doc_id: citation.docId,
  chunk_id: citation.chunkId,
  title: citation.title,
  page: citation.page,
  char_start: citation.charStart,
  char_end: citation.charEnd,
  quote: citation.quote,
  verified: citation.verified,
});
