import { Injectable } from '@nestjs/common';
import type { Caller } from '../collections/collections.types.js';
import { AppError } from '../common/errors/app-error.js';
import { RagService, type AskRequest } from '../rag/rag.service.js';
import type { EvaluationRow, QueryAnswer, QueryOutcome, QueryRow } from './evaluations.types.js';
import { judge } from '../common/search/ranking-quality.js';
import { gradesOf, judgedKey } from './query-set.js';

/** Documents that a query asks for, and passages that an answer is made of: as many as the API gives by default. */
const RESULTS = 100;
const ANSWER_PASSAGES = 8;

interface Answered {
  supported: boolean;
  citations: readonly { verified: boolean }[];
  degraded: readonly string[];
}

/** Asks one question as its user would ask it. Nobody is shown what is found, so it is not noted as shown. */
@Injectable()
export class QueryAsker {
  constructor(private readonly rag: RagService) {}

  async ask(
    caller: Caller,
    { mode, collection_ids: wanted, answers }: EvaluationRow,
    { text, judgements }: QueryRow,
    signal: AbortSignal,
  ): Promise<QueryOutcome> {
    const request = { caller, query: text, collectionIds: wanted ?? undefined, mode, signal, unseen: true };
    const found = await this.rag.retrieve({ ...request, limit: RESULTS, groupBy: 'document' });
    const grades = gradesOf(judgements);
    const figures = judge(
      found.passages.map((passage) => judgedKey(grades, passage)),
      grades,
    );
    const answer = answers ? await this.answer(request) : undefined;
    const degraded = [...found.degraded, ...(answer?.degraded ?? [])];
    return {
      ranking: found.passages.map((passage) => passage.document_id),
      ndcg10: figures?.ndcg10 ?? null,
      recall10: figures?.recall10 ?? null,
      recall100: figures?.recall100 ?? null,
      mrr10: figures?.mrr10 ?? null,
      took_ms: found.tookMs,
      degraded: [...new Set(degraded)],
      answer: answer ? toAnswer(answer) : null,
    };
  }

  /** A question that the language model refuses or chokes on has no answer; the next one may have. */
  private async answer(request: Omit<AskRequest, 'limit'>): Promise<Answered> {
    try {
      return (await this.rag.ask({ ...request, limit: ANSWER_PASSAGES, keep: false })).answer;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'llm_failed') throw error;
      return { supported: false, citations: [], degraded: [error.code] };
    }
  }
}

const toAnswer = ({ supported, citations }: Answered): QueryAnswer => ({
  supported,
  citations: citations.length,
  verified: citations.filter((citation) => citation.verified).length,
});
