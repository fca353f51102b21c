import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { NIL_UUID } from '../../common/nil-uuid.js';
import type { Transaction } from '../../database/transaction.types.js';
import type { FileToPublish, PublishedDocument, Successor } from '../documents.types.js';
import { writeRead } from '../versions/read-files.js';

/** A version `v` that was read, and takes the place of the one that answers when its vectors are there. */
const IS_SUCCESSOR = `d.latest_version_id = v.id and d.active_version_id <> v.id and d.status = 'embedding'
  and d.deleted_at is null`;

/** Versions that wait to take the place of others. */
@Injectable()
export class SuccessionRepository {
  constructor(private readonly source: DataSource) {}

  /** Lines up a file that was read for its vectors. @returns false where it was replaced or deleted meanwhile */
  async hold(tx: Transaction, file: FileToPublish): Promise<boolean> {
    const [read] = (await writeRead(tx, [file])) ?? [];
    if (!read) return false;
    if (read.replacedVersionId === null) throw new Error('there is nothing that this version could replace');
    await tx.query(`update documents set status = 'embedding', updated_at = now() where id = $1`, [
      read.documentId,
    ]);
    await tx.query('select line_up_for_encoder($1::uuid[])', [[read.versionId]]);
    return true;
  }

  /** Makes it the version that answers. Undefined where it is not to: overtaken, deleted, or shown already. */
  async succeed(tx: Transaction, versionId: string): Promise<PublishedDocument | undefined> {
    const [row] = await tx.query<
      { id: string; external_id: string; active_version_id: string; retagged: boolean }[]
    >(
      `select d.id, d.external_id, d.active_version_id, d.metadata <> v.metadata as retagged
       from document_versions v join documents d on d.id = v.document_id
       where v.id = $1 and ${IS_SUCCESSOR} for update of d`,
      [versionId],
    );
    if (!row) return undefined;
    await tx.query(`select activate_versions($1::uuid[], 'embedding')`, [[versionId]]);
    return {
      documentId: row.id,
      externalId: row.external_id,
      versionId,
      replacedVersionId: row.active_version_id,
      retagged: row.retagged,
    };
  }

  /** Those of these versions that answer. */
  async shown(versionIds: readonly string[], tx?: Transaction): Promise<string[]> {
    const rows = await (tx ?? this.source.manager).query<{ id: string }[]>(
      'select active_version_id as id from documents where active_version_id = any($1::uuid[]) and deleted_at is null',
      [versionIds],
    );
    return rows.map((row) => row.id);
  }

  /** Those of these versions that wait. */
  async among(versionIds: readonly string[]): Promise<string[]> {
    const rows = await this.source.query<{ id: string }[]>(
      `select v.id from document_versions v join documents d on d.id = v.document_id
       where v.id = any($1::uuid[]) and ${IS_SUCCESSOR}`,
      [versionIds],
    );
    return rows.map((row) => row.id);
  }

  /** All that wait, some at a time. */
  async next(after: string | undefined, limit: number): Promise<string[]> {
    const rows = await this.source.query<{ id: string }[]>(
      `select v.id from documents d join document_versions v on v.id = d.latest_version_id
       where d.status = 'embedding' and ${IS_SUCCESSOR} and v.id > $1 order by v.id limit $2`,
      [after ?? NIL_UUID, limit],
    );
    return rows.map((row) => row.id);
  }

  /** Those that nobody makes vectors of line up for it. @returns how many */
  async lineUp(): Promise<number> {
    const [row] = await this.source.query<{ n: number }[]>(
      `select line_up_for_encoder(array(
         select v.id from documents d join document_versions v on v.id = d.latest_version_id
         where ${IS_SUCCESSOR} and not exists (select from embedding_backlog b where b.version_id = v.id))) as n`,
    );
    return row?.n ?? 0;
  }

  /** What the word index needs of it; undefined where it does not wait (any more). */
  async find(versionId: string): Promise<Successor | undefined> {
    const [found] = await this.source.query<Omit<Successor, 'passages'>[]>(
      `select v.id as "versionId", d.id as "documentId", d.collection_id as "collectionId", v.title, v.language,
              v.file_name as "fileName"
       from document_versions v join documents d on d.id = v.document_id where v.id = $1 and ${IS_SUCCESSOR}`,
      [versionId],
    );
    if (!found) return undefined;
    const passages = await this.source.query<Successor['passages']>(
      `select id, text, heading_path as "headingPath" from chunks where version_id = $1 order by ordinal`,
      [versionId],
    );
    return { ...found, passages };
  }
}
