import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { isRefusedBy, isWholeIn } from '../../database/whole-versions.js';

export interface UnembeddedChunk {
  id: string;
  version_id: string;
  document_id: string;
  collection_id: string;
  search_text: string;
  ordinal: number;
}

/** Of a version that is shown, or waits for all its vectors to take the place of one that is. */
export interface BacklogChunk extends UnembeddedChunk {
  waits: boolean;
}

/** Nothing is written down for an index that another one has taken the place of: the switch waits for this, or this sees it. */
const LIVE = `live as materialized (select id from vector_indexes where id = $2 and state = 'active' for share)`;

/** Versions that wait for their vectors. A claim lapses, so that what a lost process held is taken over. */
@Injectable()
export class EmbeddingBacklogRepository {
  constructor(private readonly source: DataSource) {}

  async claim(limit: number, seconds: number): Promise<string[]> {
    const [rows] = await this.source.query<[{ version_id: string }[], number]>(
      `update embedding_backlog b set claimed_until = clock_timestamp() + make_interval(secs => $2)
       from (select version_id from embedding_backlog
             where (claimed_until is null or claimed_until < clock_timestamp())
               -- For the moment in which another index takes over, nothing new becomes whole in the old one.
               and not exists (select from encoder_switches s
                               where s.finished_at is null and s.phase = 'switching' and s.leased_until > clock_timestamp())
             order by turn, enqueued_at, version_id limit $1 for update skip locked) free
       where b.version_id = free.version_id returning b.version_id`,
      [limit, seconds],
    );
    return rows.map((row) => row.version_id);
  }

  /** After a crash of the only process, its claims need not lapse first. */
  async releaseAll(): Promise<void> {
    await this.source.query(
      'update embedding_backlog set claimed_until = null where claimed_until is not null',
    );
  }

  async release(versionIds: readonly string[]): Promise<void> {
    await this.source.query(
      'update embedding_backlog set claimed_until = null where version_id = any($1::uuid[])',
      [versionIds],
    );
  }

  /** Holds these for longer. */
  async extend(versionIds: readonly string[], seconds: number): Promise<void> {
    await this.source.query(
      `update embedding_backlog set claimed_until = clock_timestamp() + make_interval(secs => $2)
       where version_id = any($1::uuid[]) and claimed_until is not null`,
      [versionIds, seconds],
    );
  }

  /**
   * Gives a version back that failed, to be claimed after a pause that doubles each time, from four seconds to two
   * minutes. @returns how often it was refused
   */
  async putOff(versionId: string, refused: boolean): Promise<number> {
    const [rows] = await this.source.query<[{ refusals: number }[], number]>(
      `update embedding_backlog set attempts = least(attempts + 1, 100), refusals = refusals + $2::int,
         claimed_until = clock_timestamp() + make_interval(secs => least(120, 2 ^ least(attempts + 2, 8)))
       where version_id = $1 returning refusals`,
      [versionId, refused ? 1 : 0],
    );
    return rows[0]?.refusals ?? 0;
  }

  /** Takes a version off the backlog that this index cannot hold whole. @returns false where the index answers no more */
  async refuse(versionId: string, indexId: string, detail: string): Promise<boolean> {
    const [row] = await this.source.query<{ live: boolean }[]>(
      `with ${LIVE},
            done as (delete from embedding_backlog where version_id = $1 and exists (select from live)),
            noted as (insert into refused_versions (version_id, index_id, detail)
                      select v.id, l.id, left($3, 500) from document_versions v cross join live l where v.id = $1
                      for key share of v
                      on conflict (version_id, index_id) do update set detail = excluded.detail, refused_at = now()),
            shown as (update documents set status = 'ready', updated_at = now()
                      where active_version_id = $1 and status = 'embedding' and exists (select from live))
       select exists (select from live) as live`,
      [versionId, indexId, detail],
    );
    return row?.live ?? false;
  }

  /** Has everything tried again that this index refused. */
  async forgetRefusals(indexId: string): Promise<void> {
    await this.source.query('delete from refused_versions where index_id = $1', [indexId]);
  }

  /** Whether versions wait, and whether one can be claimed now. */
  async look(): Promise<{ waiting: boolean; claimable: boolean }> {
    const [row] = await this.source.query<{ waiting: boolean; claimable: boolean }[]>(
      `select exists (select from embedding_backlog) as waiting,
              exists (select from embedding_backlog where claimed_until is null or claimed_until < clock_timestamp())
                as claimable`,
    );
    return row ?? { waiting: false, claimable: false };
  }

  /** The next passages without a vector, in order; versions that were replaced, overtaken or deleted have none. */
  nextChunks(versionIds: readonly string[], limit: number): Promise<BacklogChunk[]> {
    return this.source.query<BacklogChunk[]>(
      `select c.id, c.version_id, d.id as document_id, d.collection_id, c.search_text, c.ordinal,
              d.active_version_id is distinct from v.id as waits
       from document_versions v
       join documents d on d.id = v.document_id and d.deleted_at is null
         and (d.active_version_id = v.id or (d.latest_version_id = v.id and d.status = 'embedding'))
       join chunks c on c.version_id = v.id and c.ordinal >= v.embedded_count
       where v.id = any($1::uuid[]) and v.embedded_count < v.chunk_count
       order by v.id, c.ordinal limit $2`,
      [versionIds, limit],
    );
  }

  /**
   * Records how far each version is, and extends the claim on all of them. What was lined up from the start meanwhile stays
   * so: only the passages before `from` make those up to `count` whole. @returns false where the index answers no more */
  async advance(
    progress: readonly { versionId: string; from: number; count: number }[],
    indexId: string,
    claimed: readonly string[],
    seconds: number,
  ): Promise<boolean> {
    const [row] = await this.source.query<{ live: boolean }[]>(
      `with ${LIVE},
       extended as (
         update embedding_backlog set claimed_until = clock_timestamp() + make_interval(secs => $5)
         where version_id = any($4::uuid[]) and exists (select from live)),
       advanced as (
         update document_versions v set embedded_count = t.count
         from unnest($1::uuid[], $3::int[], $6::int[]) as t (id, count, start)
         where v.id = t.id and v.embedded_count >= t.start and exists (select from live))
       select exists (select from live) as live`,
      [
        progress.map((p) => p.versionId),
        indexId,
        progress.map((p) => p.count),
        claimed,
        seconds,
        progress.map((p) => p.from),
      ],
    );
    return row?.live ?? false;
  }

  /**
   * Takes versions off the backlog; those that are whole in this index now count as such.
   * @returns false where the index answers no more: nothing was changed
   */
  async finish(versionIds: readonly string[], indexId: string): Promise<boolean> {
    const [row] = await this.source.query<{ live: boolean }[]>(
      `with ${LIVE},
            done as (delete from embedding_backlog where version_id = any($1::uuid[]) and exists (select from live)),
            whole as (update document_versions set embedded_index_id = $2
                      where id = any($1::uuid[]) and embedded_count = chunk_count and exists (select from live)),
            shown as (update documents set status = 'ready', updated_at = now()
                      where active_version_id = any($1::uuid[]) and status = 'embedding' and exists (select from live))
       select exists (select from live) as live`,
      [versionIds, indexId],
    );
    return row?.live ?? false;
  }

  /**
   * Lines up every active version that this index does not hold whole and did not refuse. What was counted for another index counts no
   * more; with `startOver` that is all that was counted.
   */
  async fill(indexId: string, startOver: boolean): Promise<number> {
    // What is whole in another index, to whose store or encoder one can go back, stays so.
    await this.source.query(
      `insert into rebuilt_versions (version_id, index_id, embedded_count, whole)
       select v.id, v.embedded_index_id, v.chunk_count, true
       from documents d join document_versions v on v.id = d.active_version_id
       join vector_indexes i on i.id = v.embedded_index_id
       where d.deleted_at is null and v.embedded_index_id <> $1 and not ${isWholeIn('v', '$1::uuid')}
       on conflict do nothing`,
      [indexId],
    );
    await this.source.query(
      `update document_versions v set embedded_count = 0, embedded_index_id = null
       from documents d
       where d.active_version_id = v.id and d.deleted_at is null and v.embedded_count > 0
         and (v.embedded_index_id is not null or $2) and not ${isWholeIn('v', '$1::uuid')}`,
      [indexId, startOver],
    );
    const [row] = await this.source.query<{ n: number }[]>(
      `select line_up_for_encoder(array(
         select v.id from documents d join document_versions v on v.id = d.active_version_id
         where d.deleted_at is null and not ${isWholeIn('v', '$1::uuid')}
           and not ${isRefusedBy('v', '$1::uuid')})) as n`,
      [indexId],
    );
    return row?.n ?? 0;
  }

  /** Without an encoder nothing waits for vectors: documents that are found by words are ready. */
  async settleWithoutEncoder(): Promise<void> {
    await this.source.query(
      `update documents set status = 'ready', updated_at = now()
       where status = 'embedding' and active_version_id = latest_version_id`,
    );
  }

  async pending(): Promise<number> {
    const [row] = await this.source.query<{ n: number }[]>(
      'select count(*)::int as n from embedding_backlog',
    );
    return row?.n ?? 0;
  }

  /** Those of these versions that lack vectors, also where they will for good. */
  async stillWaiting(versionIds: readonly string[]): Promise<string[]> {
    const rows = await this.source.query<{ version_id: string }[]>(
      `select version_id from embedding_backlog where version_id = any($1::uuid[])
       union select r.version_id from refused_versions r join vector_indexes x on x.id = r.index_id and x.state = 'active'
             where r.version_id = any($1::uuid[])`,
      [versionIds],
    );
    return rows.map((row) => row.version_id);
  }
}
