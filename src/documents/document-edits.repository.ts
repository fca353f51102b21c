import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../database/transaction.types.js';
import type { EditedDocument, Metadata } from './documents.types.js';

/**
 * The version of a document `d` that a change is made to: the latest. Where that could not be read, and another one
 * answers, it is that one.
 */
const EDITED = `case when d.status = 'failed' then coalesce(d.active_version_id, d.latest_version_id)
  else d.latest_version_id end`;

/** Changes to documents that are there already; writes are a part of the caller's transaction. */
@Injectable()
export class DocumentEditsRepository {
  constructor(private readonly source: DataSource) {}

  async find(id: string): Promise<EditedDocument | undefined> {
    const rows = await this.source.query<EditedDocument[]>(
      `select d.id, d.collection_id, d.external_id, d.metadata, v.id as version_id, v.title, v.mime, v.file_key,
              v.published_at is not null as published, case when v.file_key is null then v.text end as text
       from documents d join document_versions v on v.id = ${EDITED}
       where d.id = $1 and d.deleted_at is null`,
      [id],
    );
    return rows[0];
  }

  /** For changes to what `find` told of; false where it would tell of another version by now. */
  async lock(tx: Transaction, { id, version_id }: EditedDocument): Promise<boolean> {
    const rows = await tx.query<unknown[]>(
      `select from documents d where d.id = $1 and ${EDITED} = $2 and d.deleted_at is null for update`,
      [id, version_id],
    );
    return rows.length > 0;
  }

  /** Of the document and of the versions that are shown or will be. */
  async setMetadata(tx: Transaction, id: string, metadata: Metadata): Promise<void> {
    const [rows] = await tx.query<
      [{ active_version_id: string | null; latest_version_id: string | null }[], number]
    >(
      `update documents set metadata = $2::jsonb, updated_at = now() where id = $1 and deleted_at is null
       returning active_version_id, latest_version_id`,
      [id, JSON.stringify(metadata)],
    );
    // Another statement: a version that came while the one above waited is seen by this one only.
    await tx.query('update document_versions set metadata = $2::jsonb where id = any($1::uuid[])', [
      rows.flatMap((row) => [row.active_version_id, row.latest_version_id]),
      JSON.stringify(metadata),
    ]);
  }

  /** Gives a version of a locked document that waits to be read its title; false when it was read meanwhile. */
  async setTitle(tx: Transaction, document: EditedDocument, title: string): Promise<boolean> {
    const rows = await tx.query<unknown[]>(
      `with changed as (
         update document_versions set title = $2 where id = $1 and published_at is null returning document_id)
       update documents d set updated_at = now() from changed where d.id = changed.document_id returning d.id`,
      [document.version_id, title],
    );
    return (rows[0] as unknown[]).length > 0;
  }

  /**
   * A new version of the same bytes becomes the latest of a locked document. One that was about to take the place of what
   * answers, or could not, is overtaken.
   */
  async copyVersion(
    tx: Transaction,
    document: EditedDocument,
    { versionId, title, userId }: { versionId: string; title: string; userId: string },
  ): Promise<void> {
    await tx.query(
      `insert into document_versions (id, document_id, title, file_name, mime, byte_size, sha256, file_key, metadata)
       select $2, document_id, $3, file_name, mime, byte_size, sha256, file_key, metadata
       from document_versions where id = $1`,
      [document.version_id, versionId, title],
    );
    await tx.query(
      `insert into removable_versions (version_id) select latest_version_id from documents
       where id = $1 and active_version_id <> latest_version_id on conflict do nothing`,
      [document.id],
    );
    await tx.query(
      `update documents set latest_version_id = $2, status = 'queued', error_code = null, error_detail = null,
              updated_at = now(), created_by = $3
       where id = $1`,
      [document.id, versionId, userId],
    );
  }
}
