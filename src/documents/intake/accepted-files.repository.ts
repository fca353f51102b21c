import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../database/transaction.types.js';
import type { DocumentStatus, Metadata } from '../documents.types.js';
import { takeDocuments, unreadVersion } from '../versions/take-documents.js';

/** A stored file, and the document that it would be. */
export interface FileDraft {
  /** Used where the document does not exist yet. */
  documentId: string;
  externalId: string;
  versionId: string;
  fileName: string | null;
  mime: string;
  bytes: number;
  sha256: Buffer;
  fileKey: string;
  metadata: Metadata;
}

/** What a file is compared with. */
export interface WantedFile {
  documentId: string;
  externalId: string;
  sha256: Buffer;
  bytes: number;
  /** What the caller called the document, where it did. */
  namedAs: string | undefined;
  /** As the caller gave it. */
  metadata: Metadata | undefined;
  /** Only the document with these ids is looked for, for who allows duplicates of others. */
  ownOnly: boolean;
}

export interface SameContent {
  id: string;
  status: DocumentStatus;
  file_key: string;
}

export interface AddedFile {
  documentId: string;
  /** A file of the document that waited to be read and never will be. */
  overtakenVersionId: string | null;
}

/** Uploaded files on their way to be documents; each method is a part of the caller's transaction. */
@Injectable()
export class AcceptedFilesRepository {
  /** Until the transaction ends nobody else looks for this content in this collection: one of two is the first. */
  async lock(tx: Transaction, collectionId: string, hashes: readonly Buffer[]): Promise<void> {
    const names = hashes.map((hash) => `${collectionId} ${hash.toString('hex')}`);
    await tx.query(
      `select pg_advisory_xact_lock(hashtextextended(t.name, 5))
       from (select distinct name from unnest($1::text[]) as name order by name) t`,
      [names],
    );
  }

  /**
   * For each file the oldest document of the collection with this content; not a file in another one, which goes with
   * that. One that was named by its `doc_id` is only the same as itself, and only with the same metadata: the caller
   * tells such documents apart.
   */
  async findSame(
    tx: Transaction,
    collectionId: string,
    wanted: readonly WantedFile[],
  ): Promise<(SameContent | undefined)[]> {
    // Not `unnest`: its plan would depend on how many there are, and be made anew each time. By the hash, and never by the
    // collection, which may be large: the planner cannot tell while the tables are young.
    const rows = await tx.query<(SameContent & { n: number })[]>(
      `select t.n, s.id, s.status, s.file_key
       from json_to_recordset($2::text::json)
              as t (n int, sha256 text, bytes bigint, named_as text, metadata text, own_id uuid, own_external_id text)
       cross join lateral (
         select d.id, d.status, v.file_key from (
           select id, metadata, file_key from document_versions
           where sha256 = decode(t.sha256, 'hex') and byte_size = t.bytes and file_key is not null offset 0) v
         join documents d on d.latest_version_id = v.id
         where (d.collection_id = $1) is true and d.deleted_at is null and d.parent_id is null
           and (t.named_as is null or (d.external_id = t.named_as and (t.metadata is null or v.metadata = t.metadata::jsonb)))
           and (t.own_id is null or (d.id = t.own_id and d.external_id = t.own_external_id))
         order by d.created_at, d.id limit 1) s`,
      [
        collectionId,
        JSON.stringify(
          wanted.map(({ sha256, bytes, namedAs, metadata, documentId, externalId, ownOnly }, n) => ({
            n,
            sha256: sha256.toString('hex'),
            bytes,
            ...(ownOnly ? { own_id: documentId, own_external_id: externalId } : { named_as: namedAs }),
            metadata: metadata && JSON.stringify(metadata),
          })),
        ),
      ],
    );
    const found = new Map(rows.map(({ n, ...same }) => [n, same]));
    return wanted.map((_file, n) => found.get(n));
  }

  /**
   * Records files as the latest versions of their documents; what those show keeps answering. One for each file, in
   * order; no two may have the same external id.
   */
  async add(
    tx: Transaction,
    collectionId: string,
    userId: string,
    drafts: readonly FileDraft[],
  ): Promise<AddedFile[]> {
    const sorted = drafts.toSorted((a, b) => (a.externalId < b.externalId ? -1 : 1));
    const taken = await takeDocuments(
      tx,
      `insert into documents (id, collection_id, external_id, created_by, status, metadata, latest_version_id)
         select t.id, open.id, t.external_id, $2, 'queued', t.metadata::jsonb, t.version_id
         from open cross join unnest($3::uuid[], $4::text[], $5::text[], $6::uuid[]) with ordinality
           as t (id, external_id, metadata, version_id, n)
         order by t.n`,
      [
        collectionId,
        userId,
        sorted.map((d) => d.documentId),
        sorted.map((d) => d.externalId),
        sorted.map((d) => JSON.stringify(d.metadata)),
        sorted.map((d) => d.versionId),
        sorted.map((d) => d.fileName),
        sorted.map((d) => d.mime),
        sorted.map((d) => d.bytes),
        sorted.map((d) => d.sha256.toString('hex')),
        sorted.map((d) => d.fileKey),
      ],
      `, added as (
         insert into document_versions (id, document_id, file_name, mime, byte_size, sha256, file_key, metadata)
         select t.id, taken.id, t.file_name, t.mime, t.bytes, decode(t.sha256, 'hex'), t.file_key, t.metadata::jsonb
         from unnest($4::text[], $5::text[], $6::uuid[], $7::text[], $8::text[], $9::bigint[], $10::text[], $11::text[])
                as t (external_id, metadata, id, file_name, mime, bytes, sha256, file_key)
         join taken using (external_id))`,
    );
    const found = new Map(taken.map((document) => [document.external_id, document]));
    const added = drafts.map(({ externalId, versionId }) => {
      const document = found.get(externalId)!;
      return { document, versionId, isNew: document.latest_version_id === versionId };
    });
    const old = added.filter(({ isNew }) => !isNew);
    if (old.length > 0)
      await this.follow(
        tx,
        old.map(({ document, versionId }) => ({ documentId: document.id, versionId })),
      );
    return added.map(({ document, isNew }) => ({
      documentId: document.id,
      overtakenVersionId: isNew ? null : unreadVersion(document),
    }));
  }

  /** Makes these the latest versions of documents that had one. A file that still waits to be read is overtaken. */
  private async follow(
    tx: Transaction,
    versions: readonly { documentId: string; versionId: string }[],
  ): Promise<void> {
    await tx.query(
      `with t as (select * from unnest($1::uuid[], $2::uuid[]) as t (document_id, version_id)),
       overtaken as (
         insert into removable_versions (version_id)
         select d.latest_version_id from documents d join t on t.document_id = d.id
         where d.latest_version_id is distinct from d.active_version_id and d.latest_version_id is not null
         on conflict do nothing)
       update documents d set latest_version_id = t.version_id, status = 'queued', error_code = null, error_detail = null,
                              updated_at = now()
       from t where d.id = t.document_id`,
      [versions.map(({ documentId }) => documentId), versions.map(({ versionId }) => versionId)],
    );
  }
}
