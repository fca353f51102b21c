import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

export interface UnembeddedChunk {
  id: string;
  version_id: string;
  document_id: string;
  collection_id: string;
  search_text: string;
  ordinal: number;
}

/** Versions that wait for their vectors. A claim lapses, so that what a lost process held is taken over. */
@Injectable()
export class EmbeddingBacklogRepository {
  constructor(private readonly source: DataSource) {}

  async claim(limit: number, seconds: number): Promise<string[]> {
    const [rows] = await this.source.query<[{ version_id: string }[], number]>(
      `update embedding_backlog b set claimed_until = clock_timestamp() + make_interval(secs => $2)
       from (select version_id from embedding_backlog
             where claimed_until is null or claimed_until < clock_timestamp()
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

  /** The next passages without a vector, in order; versions that are no longer active have none. */
  nextChunks(versionIds: readonly string[], limit: number): Promise<UnembeddedChunk[]> {
    return this.source.query<UnembeddedChunk[]>(
      `select c.id, c.version_id, d.id as document_id, d.collection_id, c.search_text, c.ordinal
       from document_versions v
       join documents d on d.active_version_id = v.id and d.deleted_at is null
       join chunks c on c.version_id = v.id and c.ordinal >= v.embedded_count
       where v.id = any($1::uuid[]) and v.embedded_count < v.chunk_count
       order by v.id, c.ordinal limit $2`,
      [versionIds, limit],
    );
  }

  /** Records how far each version is, and extends the claim on all of them. */
  async advance(
    progress: readonly { versionId: string; count: number }[],
    claimed: readonly string[],
    seconds: number,
  ): Promise<void> {
    await this.source.query(
      `with extended as (
         update embedding_backlog set claimed_until = clock_timestamp() + make_interval(secs => $4) where version_id = any($3::uuid[]))
       update document_versions v set embedded_count = t.count
       from unnest($1::uuid[], $2::int[]) as t (id, count) where v.id = t.id`,
      [progress.map((p) => p.versionId), progress.map((p) => p.count), claimed, seconds],
    );
  }

  /** Takes versions off the backlog; those that are whole in this index now count as such. */
  async finish(versionIds: readonly string[], indexId: string): Promise<void> {
    await this.source.query(
      `with done as (delete from embedding_backlog where version_id = any($1::uuid[])),
            whole as (update document_versions set embedded_index_id = $2
                      where id = any($1::uuid[]) and embedded_count = chunk_count)
       update documents set status = 'ready', updated_at = now()
       where active_version_id = any($1::uuid[]) and status = 'embedding'`,
      [versionIds, indexId],
    );
  }

  /** Lines up every active version that this index does not hold whole. */
  async fill(indexId: string, startOver: boolean): Promise<number> {
    if (startOver)
      await this.source.query(
        'update document_versions set embedded_count = 0 where embedded_index_id is distinct from $1 and embedded_count > 0',
        [indexId],
      );
    const [row] = await this.source.query<{ n: number }[]>(
      `select line_up_for_encoder(array(
         select v.id from documents d join document_versions v on v.id = d.active_version_id
         where d.deleted_at is null and v.embedded_index_id is distinct from $1)) as n`,
      [indexId],
    );
    return row?.n ?? 0;
  }

  /** Without an encoder nothing waits for vectors: documents that are found by words are ready. */
  async settleWithoutEncoder(): Promise<void> {
    await this.source.query(
      `update documents set status = 'ready', updated_at = now() where status = 'embedding'`,
    );
  }

  async pending(): Promise<number> {
    const [row] = await this.source.query<{ n: number }[]>(
      'select count(*)::int as n from embedding_backlog',
    );
    return row?.n ?? 0;
  }

  async stillWaiting(versionIds: readonly string[]): Promise<string[]> {
    const rows = await this.source.query<{ version_id: string }[]>(
      'select version_id from embedding_backlog where version_id = any($1::uuid[])',
      [versionIds],
    );
    return rows.map((row) => row.version_id);
  }
}
