import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { DocumentStatus, PendingVersion } from '../documents.types.js';

/** A version whose file waits to be read, and whose documents count for whom. */
export interface WaitingVersion {
  version_id: string;
  document_id: string;
  owner_id: string | null;
}

const AT_WORK = `('queued', 'extracting')`;

/** How far the reading of files is. Whatever is written here leaves alone what was cancelled, replaced or deleted. */
@Injectable()
export class ReadingRepository {
  constructor(private readonly source: DataSource) {}

  /**
   * Begins a run on each of these files that waits; those that were published, replaced, cancelled or deleted, also with
   * their collection, are left out.
   */
  begin(versionIds: readonly string[]): Promise<PendingVersion[]> {
    return this.source.query<PendingVersion[]>(
      `with begun as (
         update document_versions v
         set read_attempt = v.read_attempt + 1, read_unfinished = v.read_unfinished + 1, pages_read = 0
         from documents d
         where v.id = any(array(select unnest($1::uuid[]))) and d.latest_version_id = v.id and v.published_at is null
           and v.file_key is not null
           -- Not by the index of states: it lists all that wait, however many they are.
           and d.deleted_at is null and coalesce(d.status, '') in ${AT_WORK}
           and exists (select from collections c where c.id = d.collection_id and c.deleted_at is null)
         returning v.id as version_id, d.id as document_id, d.collection_id, v.file_key, v.file_name, v.mime, v.title,
                   v.read_attempt as attempt, v.read_unfinished - 1 as unfinished,
                   d.active_version_id is not null as replaces
       ), marked as (
         update documents set status = 'extracting', updated_at = now()
         where id in (select document_id from begun) and status = 'queued'
       )
       select * from begun`,
      [versionIds],
    );
  }

  /** How far the last run is. */
  async notePages(pending: PendingVersion, { done, total }: { done: number; total: number }): Promise<void> {
    await this.source.query(
      `update document_versions set pages_read = $3, page_count = $4
       where id = $1 and read_attempt = $2 and published_at is null`,
      [pending.version_id, pending.attempt, done, total],
    );
  }

  /** The run came to an end without a result, and the file waits for the next one. */
  async giveBack(pending: PendingVersion): Promise<void> {
    await this.source.query(
      `with ended as (
         update document_versions set read_unfinished = read_unfinished - 1 where id = $1 and read_attempt = $2 returning id
       )
       update documents set status = 'queued', updated_at = now()
       where latest_version_id in (select id from ended) and deleted_at is null and status = 'extracting'`,
      [pending.version_id, pending.attempt],
    );
  }

  /** Counts an error that nobody expected. @returns how many there were */
  async noteFailure(versionId: string): Promise<number> {
    const [rows] = await this.source.query<[{ n: number }[], number]>(
      'update document_versions set read_failures = read_failures + 1 where id = $1 returning read_failures as n',
      [versionId],
    );
    return rows[0]?.n ?? 0;
  }

  async fail(versionId: string, code: string, detail: string): Promise<void> {
    await this.source.query(
      `with ended as (update document_versions set read_unfinished = 0 where id = $1)
       update documents set status = 'failed', error_code = $2, error_detail = $3, updated_at = now()
       where latest_version_id = $1 and deleted_at is null and status in ${AT_WORK}`,
      [versionId, code, detail.slice(0, 2000)],
    );
  }

  /** Ends a reading that waits or runs. @returns the version, or undefined where there was none */
  async cancel(documentId: string, code: string, detail: string): Promise<string | undefined> {
    const [rows] = await this.source.query<[{ version_id: string }[], number]>(
      `update documents set status = 'failed', error_code = $2, error_detail = $3, updated_at = now()
       where id = $1 and deleted_at is null and status in ${AT_WORK} returning latest_version_id as version_id`,
      [documentId, code, detail],
    );
    return rows[0]?.version_id;
  }

  /** The document that this is the latest version of. */
  async ownerOf(
    versionId: string,
  ): Promise<{ document_id: string; owner_id: string | null; status: DocumentStatus } | undefined> {
    const rows = await this.source.query<
      { document_id: string; owner_id: string | null; status: DocumentStatus }[]
    >(
      `select id as document_id, created_by as owner_id, status from documents
       where latest_version_id = $1 and deleted_at is null`,
      [versionId],
    );
    return rows[0];
  }

  /** Files at work that nothing happened to for a while, in order of their documents' ids. */
  stale(
    statuses: readonly ('queued' | 'extracting')[],
    seconds: number,
    after: string,
    limit: number,
  ): Promise<WaitingVersion[]> {
    return this.source.query<WaitingVersion[]>(
      `select d.latest_version_id as version_id, d.id as document_id, d.created_by as owner_id from documents d
       where d.status = any($1::text[]) and d.deleted_at is null and d.latest_version_id is not null
         and d.updated_at < now() - make_interval(secs => $2) and d.id > $3
       order by d.id limit $4`,
      [statuses, seconds, after, limit],
    );
  }

  /** Documents that wait for vectors nobody will make: they are found by words, and that is all for now. */
  async settleUnlined(): Promise<number> {
    const [, count] = await this.source.query<[unknown[], number]>(
      `update documents d set status = 'ready', updated_at = now()
       where d.status = 'embedding' and d.deleted_at is null and d.updated_at < now() - interval '60 seconds'
         -- Another version that waits to take its place has to do so first.
         and d.active_version_id = d.latest_version_id
         and not exists (select 1 from embedding_backlog b where b.version_id = d.active_version_id)`,
    );
    return count;
  }
}
