import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { isRefusedBy, isWholeIn } from '../../database/whole-versions.js';
import type { UnembeddedChunk } from '../embedding/embedding-backlog.repository.js';

/** Where a build is: the last passage that was read. */
export interface BuildPosition {
  versionId: string;
  ordinal: number;
}

/** What an index that does not answer yet holds and lacks. Only versions that are shown count. */
@Injectable()
export class IndexBuildRepository {
  constructor(private readonly source: DataSource) {}

  /** Passages that are shown, and those of them that this index holds. */
  async progress(indexId: string): Promise<{ done: number; total: number }> {
    const [row] = await this.source.query<{ done: number; total: number }[]>(
      `select coalesce(sum(v.chunk_count), 0)::int as total,
              coalesce(sum(case when ${isWholeIn('v', '$1::uuid')} then v.chunk_count
                           else least(v.chunk_count, coalesce(r.embedded_count, 0)) end), 0)::int as done
       from documents d join document_versions v on v.id = d.active_version_id
       left join rebuilt_versions r on r.version_id = v.id and r.index_id = $1
       where d.deleted_at is null`,
      [indexId],
    );
    return row ?? { done: 0, total: 0 };
  }

  /** The next versions in order of their ids, and whether the index holds them whole, or never will. */
  page(indexId: string, after: string, limit: number): Promise<{ id: string; settled: boolean }[]> {
    return this.source.query(
      `select v.id, ${isWholeIn('v', '$1::uuid')}
              or ${isRefusedBy('v', '$1::uuid')} as settled
       from (select id, document_id, embedded_index_id from document_versions where id > $2 order by id limit $3) v
       join documents d on d.id = v.document_id and d.active_version_id = v.id and d.deleted_at is null
       order by v.id`,
      [indexId, after, limit],
    );
  }

  /** The next versions in order of their ids that the index that answers holds whole, and this one does not and might. */
  async behind(indexId: string, after: string, limit: number): Promise<string[]> {
    const rows = await this.source.query<{ id: string }[]>(
      `select v.id from vector_indexes a join documents d on d.deleted_at is null
       join document_versions v on v.id = d.active_version_id
       where a.state = 'active' and v.id > $2 and not ${isWholeIn('v', '$1::uuid')} and ${isWholeIn('v', 'a.id')}
         and not ${isRefusedBy('v', '$1::uuid')}
       order by v.id limit $3`,
      [indexId, after, limit],
    );
    return rows.map((row) => row.id);
  }

  /** The id after so many versions, shown or not; undefined where there are none. */
  async skip(after: string, limit: number): Promise<string | undefined> {
    const [row] = await this.source.query<{ id: string | null }[]>(
      `select max(id::text) as id from (select id from document_versions where id > $1 order by id limit $2) v`,
      [after, limit],
    );
    return row?.id ?? undefined;
  }

  /** The next passages of these versions after a position that the index lacks. */
  chunks(
    indexId: string,
    versionIds: readonly string[],
    after: BuildPosition,
    limit: number,
  ): Promise<UnembeddedChunk[]> {
    return this.source.query<UnembeddedChunk[]>(
      `select c.id, c.version_id, d.id as document_id, d.collection_id, c.search_text, c.ordinal
       from document_versions v
       join documents d on d.active_version_id = v.id and d.deleted_at is null
       left join rebuilt_versions r on r.version_id = v.id and r.index_id = $1
       join chunks c on c.version_id = v.id and c.ordinal >= coalesce(r.embedded_count, 0)
       where v.id = any($2::uuid[]) and (c.version_id, c.ordinal) > ($3::uuid, $4::int)
       order by c.version_id, c.ordinal limit $5`,
      [indexId, versionIds, after.versionId, after.ordinal, limit],
    );
  }

  /**
   * Writes down how many passages of which version the index holds from the first on.
   * @returns those that are still shown: vectors of others are nobody's
   */
  async record(
    indexId: string,
    progress: readonly { versionId: string; count: number }[],
  ): Promise<Set<string>> {
    const rows = await this.source.query<{ version_id: string }[]>(
      `insert into rebuilt_versions as r (version_id, index_id, embedded_count, whole)
       select v.id, $1, t.count, t.count >= v.chunk_count
       from unnest($2::uuid[], $3::int[]) as t (id, count)
       join document_versions v on v.id = t.id
       join documents d on d.active_version_id = v.id and d.deleted_at is null
       for key share of v
       on conflict (version_id, index_id) do update
         set embedded_count = greatest(r.embedded_count, excluded.embedded_count), whole = r.whole or excluded.whole
       returning version_id`,
      [indexId, progress.map((p) => p.versionId), progress.map((p) => p.count)],
    );
    return new Set(rows.map((row) => row.version_id));
  }

  /** Writes down that this index cannot hold a version whole, and why. */
  async refuse(indexId: string, versionId: string, detail: string): Promise<void> {
    await this.source.query(
      `insert into refused_versions (version_id, index_id, detail)
       select v.id, x.id, left($3, 500) from document_versions v cross join vector_indexes x
       where v.id = $2 and x.id = $1 for key share
       on conflict (version_id, index_id) do update set detail = excluded.detail, refused_at = now()`,
      [indexId, versionId, detail],
    );
  }
}
