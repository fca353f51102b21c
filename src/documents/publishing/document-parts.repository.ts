import { Injectable } from '@nestjs/common';
import type { DocumentErrorCode } from '../../common/errors/error-table.js';
import type { Transaction } from '../../database/transaction.types.js';
import { lockParts } from '../document-family.js';
import type { Metadata, StoredPart } from '../documents.types.js';

export interface PartOwner {
  id: string;
  collection_id: string;
  created_by: string | null;
  metadata: Metadata;
  root_id: string;
  depth: number;
}

export interface ExistingPart {
  id: string;
  part_name: string;
  sha256: Buffer | null;
  file_key: string | null;
  error_code: DocumentErrorCode | null;
}

/** A version of a part that is to be read. */
export interface PlacedPart extends StoredPart {
  /** Of the document that was there, or of the new one. */
  documentId: string;
}

/** Rows of documents that are parts of others; each method is a part of the caller's transaction. */
@Injectable()
export class DocumentPartsRepository {
  async owner(tx: Transaction, id: string): Promise<PartOwner | undefined> {
    const rows = await tx.query<PartOwner[]>(
      `select id, collection_id, created_by, metadata, coalesce(root_id, id) as root_id, part_depth as depth
       from documents where id = $1 and deleted_at is null`,
      [id],
    );
    return rows[0];
  }

  /** The parts that documents have now; they are locked, so that they stay what they are. */
  async existing(tx: Transaction, parentIds: readonly string[]): Promise<ExistingPart[]> {
    const ids = await lockParts(tx, parentIds);
    // Another statement: it sees the versions that came while the one above waited.
    return tx.query<ExistingPart[]>(
      `select d.id, d.part_name, d.error_code, v.sha256, v.file_key
       from documents d left join document_versions v on v.id = d.latest_version_id where d.id = any($1::uuid[])`,
      [ids],
    );
  }

  /** How many documents came out of one upload. */
  async familySize(tx: Transaction, rootId: string): Promise<number> {
    const [row] = await tx.query<{ n: number }[]>(
      'select count(*)::int as n from documents where root_id = $1 and deleted_at is null',
      [rootId],
    );
    return row?.n ?? 0;
  }

  async create(tx: Transaction, owner: PartOwner, parts: readonly PlacedPart[]): Promise<void> {
    await tx.query(
      `insert into documents (id, collection_id, external_id, created_by, status, metadata, parent_id, root_id, part_name, part_depth)
       select t.id, $1, t.external_id, $2, 'queued', $3::jsonb, $4, $5, t.name, $6
       from unnest($7::uuid[], $8::text[], $9::text[]) as t (id, external_id, name)`,
      [
        owner.collection_id,
        owner.created_by,
        JSON.stringify(owner.metadata),
        owner.id,
        owner.root_id,
        owner.depth + 1,
        parts.map((part) => part.documentId),
        parts.map((part) => part.externalId),
        parts.map((part) => part.name),
      ],
    );
  }

  /** Gives these documents, and their versions that are shown or will be, the metadata of another. */
  async copyMetadata(tx: Transaction, from: string, to: readonly string[]): Promise<void> {
    await tx.query(
      `with changed as (
         update documents d set metadata = f.metadata, updated_at = now() from documents f
         where f.id = $1 and d.id = any($2::uuid[]) and d.metadata is distinct from f.metadata
         returning d.active_version_id, d.latest_version_id, d.metadata)
       update document_versions v set metadata = c.metadata
       from changed c where v.id in (c.active_version_id, c.latest_version_id)`,
      [from, to],
    );
  }

  /**
   * Adds the files as the latest versions of their documents; those that are active keep answering.
   * @returns versions that waited to be read and never will be
   */
  async addVersions(tx: Transaction, owner: PartOwner, parts: readonly PlacedPart[]): Promise<string[]> {
    const documentIds = parts.map((part) => part.documentId);
    const versionIds = parts.map((part) => part.versionId);
    const overtaken = await tx.query<{ version_id: string }[]>(
      `with overtaken as (
         select latest_version_id as version_id from documents
         where id = any($1::uuid[]) and latest_version_id is distinct from active_version_id and latest_version_id is not null
       ), listed as (
         insert into removable_versions (version_id) select version_id from overtaken on conflict do nothing
       )
       select version_id from overtaken`,
      [documentIds],
    );
    await tx.query(
      `insert into document_versions (id, document_id, file_name, mime, byte_size, sha256, file_key, metadata)
       select t.id, t.document_id, t.name, t.mime, t.bytes, decode(t.sha256, 'hex'), t.file_key, $8::jsonb
       from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[])
         as t (id, document_id, name, mime, bytes, sha256, file_key)`,
      [
        versionIds,
        documentIds,
        parts.map((part) => part.name),
        parts.map((part) => part.mime),
        parts.map((part) => part.stored.bytes),
        parts.map((part) => part.stored.sha256.toString('hex')),
        parts.map((part) => part.stored.key),
        JSON.stringify(owner.metadata),
      ],
    );
    await tx.query(
      `update documents d set latest_version_id = t.version_id, status = 'queued', error_code = null, error_detail = null, updated_at = now()
       from unnest($1::uuid[], $2::uuid[]) as t (document_id, version_id) where d.id = t.document_id`,
      [documentIds, versionIds],
    );
    return overtaken.map((row) => row.version_id);
  }
}
