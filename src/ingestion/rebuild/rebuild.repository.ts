import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Transactions } from '../../database/transactions.js';
import type { Transaction } from '../../database/transaction.types.js';
import { isRefusedBy, isWholeIn } from '../../database/whole-versions.js';
import type { Rebuildable, RebuildRow } from './rebuild.types.js';

const ROW = `id, what, index_id, lost, lined_up_through, lined_up, since, detail, requested_by, created_at, finished_at,
  failed`;
/** A run that says nothing for this long is taken for lost. */
const LEASE_SECONDS = 30;
const KEPT = 100;
/** In the embedded database everybody waits for a transaction. */
const BATCH = 500;

/** Rebuilds of indexes: at most one of words and one of vectors is open. */
@Injectable()
export class RebuildRepository {
  constructor(
    private readonly source: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** @returns undefined where one is open */
  async begin(
    tx: Transaction,
    wanted: { what: Rebuildable; indexId: string | null; requestedBy: string },
  ): Promise<RebuildRow | undefined> {
    const [row] = await tx.query<RebuildRow[]>(
      `insert into index_rebuilds (id, what, index_id, requested_by) values ($1, $2, $3, $4)
       on conflict (what) where finished_at is null do nothing returning ${ROW}`,
      [randomUUID(), wanted.what, wanted.indexId, wanted.requestedBy],
    );
    await tx.query(
      `delete from index_rebuilds where finished_at is not null and id not in (
         select id from index_rebuilds order by created_at desc, id limit ${KEPT})`,
    );
    return row;
  }

  async find(id: string): Promise<RebuildRow | undefined> {
    const [row] = await this.source.query<RebuildRow[]>(`select ${ROW} from index_rebuilds where id = $1`, [
      id,
    ]);
    return row;
  }

  /** The newest of words and of vectors, whether it is over or not. */
  last(): Promise<RebuildRow[]> {
    return this.source.query(
      `select distinct on (what) ${ROW} from index_rebuilds
       order by what, finished_at is null desc, created_at desc, id`,
    );
  }

  /** Takes on the open one; undefined where there is none or somebody works on it. */
  async lease(what: Rebuildable, runner: string): Promise<RebuildRow | undefined> {
    const [rows] = await this.source.query<[RebuildRow[], number]>(
      `update index_rebuilds set runner = $2, leased_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})
       where what = $1 and finished_at is null and (leased_until is null or leased_until < clock_timestamp())
       returning ${ROW}`,
      [what, runner],
    );
    return rows[0];
  }

  /** @returns false where it is over or somebody else's */
  async extend(id: string, runner: string): Promise<boolean> {
    const [, count] = await this.source.query<[unknown[], number]>(
      `update index_rebuilds set leased_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})
       where id = $1 and runner = $2 and finished_at is null`,
      [id, runner],
    );
    return count > 0;
  }

  /** Without a runner, whoever it was: the embedded database has one process. */
  async release(runner?: string): Promise<void> {
    await this.source.query(
      `update index_rebuilds set runner = null, leased_until = null
       where finished_at is null and ($1::uuid is null or runner = $1)`,
      [runner ?? null],
    );
  }

  /** What it waits for, in words; null where it waits for nothing. */
  async tell(id: string, detail: string | null): Promise<void> {
    await this.source.query(
      `update index_rebuilds set detail = left($2, 500)
       where id = $1 and finished_at is null and detail is distinct from left($2, 500)`,
      [id, detail],
    );
  }

  /** @returns false where it had to begin again meanwhile: then it is not over */
  async finish(row: RebuildRow, runner: string, failure: string | null): Promise<boolean> {
    const [, count] = await this.source.query<[unknown[], number]>(
      `update index_rebuilds set finished_at = now(), failed = $4::text is not null, detail = left($4, 500)
       where id = $1 and runner = $2 and finished_at is null and since = $3`,
      [row.id, runner, row.since, failure],
    );
    return count > 0;
  }

  /** Lines up the next versions to be embedded again, whatever is counted of them. Does nothing where it had to begin again. */
  async lineUp({ id, index_id, lined_up_through: before }: RebuildRow): Promise<void> {
    await this.transactions.run(async (tx) => {
      const page = await tx.query<{ id: string }[]>(
        `select id from document_versions where $1::uuid is null or id > $1 order by id limit ${BATCH}`,
        [before],
      );
      const ids = page.map((row) => row.id);
      const [, moved] = await tx.query<[unknown[], number]>(
        `update index_rebuilds set lined_up_through = coalesce($3, lined_up_through), lined_up = $4
         where id = $1 and not lined_up and finished_at is null and lined_up_through is not distinct from $2`,
        [id, before, ids.at(-1) ?? null, ids.length < BATCH],
      );
      if (moved === 0 || ids.length === 0) return;
      await tx.query('delete from rebuilt_versions where index_id = $2 and version_id = any($1::uuid[])', [
        ids,
        index_id,
      ]);
      // Asked for again, and told again where it is refused again.
      await tx.query('delete from refused_versions where index_id = $2 and version_id = any($1::uuid[])', [
        ids,
        index_id,
      ]);
      // What is whole in another index, to which one can go back, stays so.
      await tx.query(
        `insert into rebuilt_versions (version_id, index_id, embedded_count, whole)
         select v.id, v.embedded_index_id, v.chunk_count, true
         from document_versions v join vector_indexes i on i.id = v.embedded_index_id
         where v.id = any($1::uuid[]) and v.embedded_index_id <> $2 on conflict do nothing`,
        [ids, index_id],
      );
      await tx.query(
        `update document_versions set embedded_count = 0, embedded_index_id = null
         where id = any($1::uuid[]) and (embedded_count > 0 or embedded_index_id is not null)`,
        [ids],
      );
      await tx.query(
        `select line_up_for_encoder(array(
           select v.id from document_versions v
           join documents d on d.active_version_id = v.id and d.deleted_at is null where v.id = any($1::uuid[])))`,
        [ids],
      );
    });
  }

  /** Passages that are shown, and those of them that have their vectors in the index that answers. */
  async progress(indexId: string): Promise<{ done: number; total: number }> {
    const [row] = await this.source.query<{ done: number; total: number }[]>(
      `select coalesce(sum(v.chunk_count), 0)::int as total,
         coalesce(sum(case when ${isWholeIn('v', '$1::uuid')} then v.chunk_count
                      when v.embedded_index_id is null then least(v.chunk_count, v.embedded_count) else 0 end), 0)::int as done
       from documents d join document_versions v on v.id = d.active_version_id where d.deleted_at is null`,
      [indexId],
    );
    return row ?? { done: 0, total: 0 };
  }

  /** How many versions that were shown when it began are not whole, and may become so. */
  async remaining({ index_id, since }: RebuildRow): Promise<number> {
    const [row] = await this.source.query<{ n: number }[]>(
      `select count(*)::int as n from documents d join document_versions v on v.id = d.active_version_id
       where d.deleted_at is null and v.created_at <= $2 and not ${isWholeIn('v', '$1::uuid')}
         and not ${isRefusedBy('v', '$1::uuid')}`,
      [index_id, since],
    );
    return row?.n ?? 0;
  }
}
