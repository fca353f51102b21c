import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { isWholeIn } from '../../database/whole-versions.js';
import type { ReconcileReport, ReconciliationRow } from './reconcile.types.js';

const ROW = 'id, dry_run, requested_by, created_at, finished_at, error, report';
/** A version that is staged or being replaced at this moment is nobody's for a while: $1 is how many seconds it lasts. */
const STRAY = `
  select v.id from document_versions v left join documents d on d.id = v.document_id
  where v.created_at < now() - make_interval(secs => $1)
    and (d.id is null or (v.id is distinct from d.active_version_id and v.id is distinct from d.latest_version_id)
         or d.deleted_at < now() - make_interval(secs => $1))
    and not exists (select 1 from removable_versions r where r.version_id = v.id)`;
/** Versions `v`; $1 is the index. */
const SHOWN_WHOLE = `
  from document_versions v join documents d on d.active_version_id = v.id and d.deleted_at is null
  where ${isWholeIn('v', '$1::uuid')}
    and not exists (select 1 from embedding_backlog b where b.version_id = v.id)`;
const REAL_USAGE = `
  select d.created_by as user_id, count(*) as documents, coalesce(sum(v.byte_size), 0) as bytes,
         count(*) filter (where v.id is not null and d.status in ('queued', 'extracting')) as waiting
  from documents d left join document_versions v on v.id = d.latest_version_id
  where d.deleted_at is null and d.created_by is not null group by d.created_by`;

/** PostgreSQL's side of the comparison, and the record of comparisons. */
@Injectable()
export class ReconcileRepository {
  constructor(private readonly source: DataSource) {}

  /** Versions whose file key begins with these two digits, by key. */
  async filesOf(shard: string): Promise<Map<string, string>> {
    const rows = await this.source.query<{ id: string; file_key: string }[]>(
      `select id, file_key from document_versions
       where file_key collate "C" >= $1 and file_key collate "C" < $2`,
      [`${shard}/`, `${shard}0`],
    );
    return new Map(rows.map((row) => [row.file_key, row.id]));
  }

  /** Those of these keys that a version has by now. */
  async known(keys: readonly string[]): Promise<Set<string>> {
    const rows = await this.source.query<{ file_key: string }[]>(
      'select file_key from document_versions where file_key collate "C" = any($1::text[])',
      [keys],
    );
    return new Set(rows.map((row) => row.file_key));
  }

  /** Those of these versions that still exist and are not about to be removed. */
  async kept(versionIds: readonly string[]): Promise<string[]> {
    const rows = await this.source.query<{ id: string }[]>(
      `select v.id from document_versions v where v.id = any($1::uuid[])
         and not exists (select 1 from removable_versions r where r.version_id = v.id)`,
      [versionIds],
    );
    return rows.map((row) => row.id);
  }

  /** Those of these versions whose vectors belong to nobody: the version is gone, or not shown and not on its way. */
  async unseen(versionIds: readonly string[]): Promise<string[]> {
    const rows = await this.source.query<{ id: string }[]>(
      `select t.id from unnest($1::uuid[]) as t (id)
       where not exists (select 1 from documents d where d.active_version_id = t.id and d.deleted_at is null)
         -- Some stores have the vectors of a version that is about to be shown.
         and not exists (select 1 from documents d where d.latest_version_id = t.id and d.deleted_at is null)
         and not exists (select 1 from removable_versions r where r.version_id = t.id)`,
      [versionIds],
    );
    return rows.map((row) => row.id);
  }

  /** Whether an index is being built by a switch that is not over. */
  async isBuilt(indexId: string): Promise<boolean> {
    const rows = await this.source.query<unknown[]>(
      'select 1 from encoder_switches where index_id = $1 and finished_at is null',
      [indexId],
    );
    return rows.length > 0;
  }

  /** Shown versions that count as whole in an index, with their passages, in order of their ids. */
  wholeIn(indexId: string, after: string, limit: number): Promise<{ id: string; chunks: number }[]> {
    return this.source.query(
      `select v.id, v.chunk_count as chunks ${SHOWN_WHOLE} and v.id > $2 order by v.id limit $3`,
      [indexId, after, limit],
    );
  }

  /** Those of these versions that are still shown and count as whole in an index. */
  async stillWhole(indexId: string, versionIds: readonly string[]): Promise<string[]> {
    const rows = await this.source.query<{ id: string }[]>(
      `select v.id ${SHOWN_WHOLE} and v.id = any($2::uuid[])`,
      [indexId, versionIds],
    );
    return rows.map((row) => row.id);
  }

  /** Has the vectors of these versions made again: at once, or when the index is next worked on. */
  async embedAgain(versionIds: readonly string[], indexId: string, live: boolean): Promise<void> {
    await this.source.query(
      'delete from rebuilt_versions where index_id = $2 and version_id = any($1::uuid[])',
      [versionIds, indexId],
    );
    await this.source.query(
      live
        ? `update document_versions set embedded_index_id = null, embedded_count = 0
           where id = any($1::uuid[]) and $2::uuid is not null`
        : `update document_versions set embedded_index_id = null where id = any($1::uuid[]) and embedded_index_id = $2`,
      [versionIds, indexId],
    );
    if (live) await this.source.query('select line_up_for_encoder($1::uuid[])', [versionIds]);
  }

  /** Versions that nobody can see and nobody removes. */
  async stray(youngMs: number, mend: boolean): Promise<string[]> {
    const rows = await this.source.query<{ id: string }[]>(
      mend
        ? `insert into removable_versions (version_id) ${STRAY} on conflict do nothing returning version_id as id`
        : STRAY,
      [youngMs / 1000],
    );
    return rows.map((row) => row.id);
  }

  /** Users whose usage is not what they keep. The tables are read at one moment, so writers do not confuse it. */
  async wrongUsage(mend: boolean): Promise<string[]> {
    const wrong = `
      select u.user_id, coalesce(r.documents, 0) as documents, coalesce(r.bytes, 0) as bytes, coalesce(r.waiting, 0) as waiting
      from user_usage u left join (${REAL_USAGE}) r on r.user_id = u.user_id
      where (u.documents, u.bytes, u.waiting)
            is distinct from (coalesce(r.documents, 0), coalesce(r.bytes, 0), coalesce(r.waiting, 0))`;
    if (!mend) return (await this.source.query<{ user_id: string }[]>(wrong)).map((row) => row.user_id);
    const [rows] = await this.source.query<[{ user_id: string }[], number]>(
      `update user_usage u set documents = w.documents, bytes = w.bytes, waiting = w.waiting
       from (${wrong}) w where w.user_id = u.user_id returning u.user_id`,
    );
    return rows.map((row) => row.user_id);
  }

  async begin(id: string, dryRun: boolean, requestedBy: string | null): Promise<void> {
    await this.source.query(
      'insert into reconciliations (id, dry_run, requested_by) values ($1, $2, $3) on conflict do nothing',
      [id, dryRun, requestedBy],
    );
  }

  async finish(id: string, report: ReconcileReport | null, error: string | null): Promise<void> {
    await this.source.query(
      'update reconciliations set finished_at = now(), report = $2::jsonb, error = $3 where id = $1',
      [id, report && JSON.stringify(report), error?.slice(0, 500) ?? null],
    );
    await this.source.query(
      `delete from reconciliations where id not in (select id from reconciliations order by created_at desc, id limit 100)`,
    );
  }

  async find(id: string): Promise<ReconciliationRow | undefined> {
    const rows = await this.source.query<ReconciliationRow[]>(
      `select ${ROW} from reconciliations where id = $1`,
      [id],
    );
    return rows[0];
  }

  async last(): Promise<ReconciliationRow | undefined> {
    const rows = await this.source.query<ReconciliationRow[]>(
      `select ${ROW} from reconciliations where finished_at is not null order by created_at desc, id limit 1`,
    );
    return rows[0];
  }
}
