import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../database/transaction.types.js';
import type {
  EvaluationMetrics,
  EvaluationRow,
  MeasuredWith,
  NewEvaluation,
  QueryPair,
  QueryResultRow,
} from './evaluations.types.js';

const COLUMNS = `id, user_id, name, source, mode, collection_ids, admin_access, answers, status, total, done,
  unknown_judgements, configuration, metrics, error_code, error_detail, created_at, started_at, finished_at`;
const FIGURES = (row: string): string =>
  `jsonb_build_object('ndcg10', ${row}.ndcg10, 'recall10', ${row}.recall10,
                      'recall100', ${row}.recall100, 'mrr10', ${row}.mrr10)`;

/** What an administrator sees: own evaluations, or with `everything` all. */
export interface Reader {
  userId: string;
  everything: boolean;
}

/** Evaluations as administrators see them. */
@Injectable()
export class EvaluationsRepository {
  constructor(private readonly source: DataSource) {}

  /** Stored and unfinished ones of a user; the user's row is locked. */
  async counts(tx: Transaction, userId: string): Promise<{ stored: number; unfinished: number }> {
    const rows = await tx.query<{ stored: number; unfinished: number }[]>(
      `select count(*)::int as stored, count(*) filter (where status in ('queued', 'running'))::int as unfinished
       from evaluations where user_id = $1`,
      [userId],
    );
    return rows[0] ?? { stored: 0, unfinished: 0 };
  }

  async insert(tx: Transaction, evaluation: NewEvaluation): Promise<void> {
    const { queries } = evaluation;
    await tx.query(
      `insert into evaluations (id, user_id, name, source, mode, collection_ids, admin_access, answers, total)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        evaluation.id,
        evaluation.userId,
        evaluation.name,
        evaluation.source,
        evaluation.mode,
        evaluation.collectionIds,
        evaluation.adminAccess,
        evaluation.answers,
        queries.length,
      ],
    );
    await tx.query(
      `insert into evaluation_queries (evaluation_id, ordinal, query_id, text, answerable, judgements)
       select $1, q.ordinal - 1, q.id, q.text, q.answerable, q.judgements::jsonb
       from unnest($2::text[], $3::text[], $4::boolean[], $5::text[]) with ordinality
         as q (id, text, answerable, judgements, ordinal)`,
      [
        evaluation.id,
        queries.map((query) => query.id),
        queries.map((query) => query.text),
        queries.map((query) => query.answerable),
        queries.map((query) => JSON.stringify(query.judgements)),
      ],
    );
  }

  async find(reader: Reader, id: string): Promise<EvaluationRow | undefined> {
    const rows = await this.source.query<EvaluationRow[]>(
      `select ${COLUMNS} from evaluations where id = $1 and (user_id = $2 or $3)`,
      [id, reader.userId, reader.everything],
    );
    return rows[0];
  }

  /** Whoever's it is: for what acts for no reader. */
  async findAny(id: string): Promise<EvaluationRow | undefined> {
    const rows = await this.source.query<EvaluationRow[]>(
      `select ${COLUMNS} from evaluations where id = $1`,
      [id],
    );
    return rows[0];
  }

  /** Newest first. */
  page(
    reader: Reader,
    after: { at: string; id: string } | undefined,
    limit: number,
  ): Promise<EvaluationRow[]> {
    return this.source.query<EvaluationRow[]>(
      `select ${COLUMNS} from evaluations where (user_id = $1 or $2)
         and ($3::timestamptz is null or (created_at, id) < ($3::timestamptz, $4::uuid))
       order by created_at desc, id desc limit $5`,
      [reader.userId, reader.everything, after?.at ?? null, after?.id ?? null, limit],
    );
  }

  results(id: string, after: number, limit: number): Promise<QueryResultRow[]> {
    return this.source.query<QueryResultRow[]>(
      `select ordinal, query_id, text, answerable, judgements, done_at, ranking, ndcg10, recall10, recall100, mrr10,
              took_ms, degraded, answer
       from evaluation_queries where evaluation_id = $1 and ordinal > $2 order by ordinal limit $3`,
      [id, after, limit],
    );
  }

  /** Queries that both were asked in the same words and with the same judgements, and have figures. */
  pairs(baselineId: string, id: string): Promise<QueryPair[]> {
    return this.source.query<QueryPair[]>(
      `select b.query_id, b.text, ${FIGURES('a')} as baseline, ${FIGURES('b')} as evaluation
       from evaluation_queries a join evaluation_queries b on b.query_id = a.query_id
       where a.evaluation_id = $1 and b.evaluation_id = $2 and a.text = b.text and a.judgements = b.judgements
         and a.ndcg10 is not null and b.ndcg10 is not null
       order by b.ordinal`,
      [baselineId, id],
    );
  }

  /** Ends one that waits or runs. */
  async end(
    id: string,
    ended:
      | { status: 'completed'; metrics: EvaluationMetrics }
      | { status: 'cancelled' }
      | { status: 'failed'; code: string; detail: string },
  ): Promise<boolean> {
    const [, changed] = await this.source.query<[unknown[], number]>(
      `update evaluations set status = $2, metrics = $3, error_code = $4, error_detail = $5, finished_at = now()
       where id = $1 and status in ('queued', 'running') returning 1`,
      [
        id,
        ended.status,
        ended.status === 'completed' ? JSON.stringify(ended.metrics) : null,
        ended.status === 'failed' ? ended.code : null,
        ended.status === 'failed' ? ended.detail : null,
      ],
    );
    return changed === 1;
  }

  /** Lets one that failed or was cancelled wait again; what it asked already stays. */
  async requeue(tx: Transaction, id: string): Promise<boolean> {
    const [, changed] = await tx.query<[unknown[], number]>(
      `update evaluations set status = 'queued', error_code = null, error_detail = null, finished_at = null
       where id = $1 and status in ('failed', 'cancelled') returning 1`,
      [id],
    );
    return changed === 1;
  }

  async delete(tx: Transaction, id: string): Promise<boolean> {
    const [, removed] = await tx.query<[unknown[], number]>(
      'delete from evaluations where id = $1 returning 1',
      [id],
    );
    return removed === 1;
  }

  /** Begins or goes on; undefined where there is nothing to do any more. */
  async begin(id: string, configuration: MeasuredWith): Promise<EvaluationRow | undefined> {
    const [rows] = await this.source.query<[EvaluationRow[], number]>(
      `update evaluations set status = 'running', started_at = coalesce(started_at, now()), configuration = $2
       where id = $1 and status in ('queued', 'running') returning ${COLUMNS}`,
      [id, JSON.stringify(configuration)],
    );
    return rows[0];
  }

  /** Those that wait or run since before so many seconds. */
  async unfinished(seconds: number): Promise<string[]> {
    const rows = await this.source.query<{ id: string }[]>(
      `select id from evaluations where status in ('queued', 'running')
         and greatest(created_at, started_at) < now() - make_interval(secs => $1) order by created_at limit 1000`,
      [seconds],
    );
    return rows.map((row) => row.id);
  }
}
