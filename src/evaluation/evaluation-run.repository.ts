import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { QueryOutcome, QueryResultRow, QueryRow } from './evaluations.types.js';

/** An evaluation while it runs. */
@Injectable()
export class EvaluationRunRepository {
  constructor(private readonly source: DataSource) {}

  /** Queries that were not asked yet. */
  open(id: string, limit: number): Promise<QueryRow[]> {
    return this.source.query<QueryRow[]>(
      `select ordinal, query_id, text, answerable, judgements from evaluation_queries
       where evaluation_id = $1 and done_at is null order by ordinal limit $2`,
      [id, limit],
    );
  }

  /** Keeps the outcome of a query, once; false when the evaluation does not run any more. */
  async store(id: string, ordinal: number, outcome: QueryOutcome): Promise<boolean> {
    const [, running] = await this.source.query<[unknown[], number]>(
      `with running as (select id from evaluations where id = $1 and status = 'running' for update),
       stored as (
         update evaluation_queries set done_at = now(), ranking = $3, ndcg10 = $4, recall10 = $5, recall100 = $6,
           mrr10 = $7, took_ms = $8, degraded = $9, answer = $10
         where evaluation_id in (select id from running) and ordinal = $2 and done_at is null returning 1)
       update evaluations set done = done + (select count(*) from stored)
       where id in (select id from running) returning 1`,
      [
        id,
        ordinal,
        outcome.ranking,
        outcome.ndcg10,
        outcome.recall10,
        outcome.recall100,
        outcome.mrr10,
        outcome.took_ms,
        outcome.degraded,
        outcome.answer && JSON.stringify(outcome.answer),
      ],
    );
    return running === 1;
  }

  /** All that was asked, without the rankings. */
  outcomes(id: string): Promise<Omit<QueryResultRow, 'ranking' | 'text' | 'judgements'>[]> {
    return this.source.query(
      `select ordinal, query_id, answerable, done_at, ndcg10, recall10, recall100, mrr10, took_ms, degraded, answer
       from evaluation_queries where evaluation_id = $1 and done_at is not null order by ordinal`,
      [id],
    );
  }

  /** The documents, by id and by `doc_id`, that at least one query has as relevant. */
  async relevant(id: string): Promise<{ documentIds: string[]; docIds: string[] }> {
    const rows = await this.source.query<{ document_id: string | null; doc_id: string | null }[]>(
      `select distinct j ->> 'document_id' as document_id, j ->> 'doc_id' as doc_id
       from evaluation_queries q cross join lateral jsonb_array_elements(q.judgements) j
       where q.evaluation_id = $1 and (j ->> 'relevance')::int > 0`,
      [id],
    );
    return {
      documentIds: rows.flatMap((row) => row.document_id ?? []),
      docIds: rows.flatMap((row) => row.doc_id ?? []),
    };
  }

  setUnknown(id: string, count: number): Promise<unknown> {
    return this.source.query('update evaluations set unknown_judgements = $2 where id = $1', [id, count]);
  }
}
