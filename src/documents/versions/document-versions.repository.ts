import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../../database/transaction.types.js';
import type {
  FileToPublish,
  Metadata,
  PublishedDocument,
  PublishedText,
  TextDraft,
} from '../documents.types.js';
import { writeRead } from './read-files.js';
import { DocumentIdChanged, takeDocuments, unreadVersion, type TakenDocument } from './take-documents.js';

/** Writes of documents and their versions; each method is a part of the caller's transaction. */
@Injectable()
export class DocumentVersionsRepository {
  constructor(private readonly source: DataSource) {}

  /**
   * Takes the documents of these external ids, making those that are missing, and locks them. In the order of
   * the ids, so that two writers of the same documents wait for each other instead of deadlocking. They count
   * towards the quota of the last who wrote them. New ones are ready and show the version that is named, or wait for one.
   * A file that was in another one is a document of its own from now on: what was written in its place was not in there.
   */
  private async take(
    tx: Transaction,
    collectionId: string,
    userId: string,
    drafts: readonly { documentId: string; externalId: string; metadata: Metadata; shows?: string }[],
  ): Promise<Map<string, TakenDocument>> {
    const sorted = drafts.toSorted((a, b) => (a.externalId < b.externalId ? -1 : 1));
    const rows = await takeDocuments(
      tx,
      `insert into documents (id, collection_id, external_id, created_by, status, metadata, active_version_id, latest_version_id)
       select t.id, open.id, t.external_id, $2, case when t.shows is null then 'queued' else 'ready' end, t.metadata::jsonb,
              t.shows, t.shows
       from open cross join unnest($3::uuid[], $4::text[], $5::text[], $6::uuid[]) with ordinality
         as t (id, external_id, metadata, shows, n)
       order by t.n`,
      [
        collectionId,
        userId,
        sorted.map((d) => d.documentId),
        sorted.map((d) => d.externalId),
        sorted.map((d) => JSON.stringify(d.metadata)),
        sorted.map((d) => d.shows ?? null),
      ],
    );
    return new Map(rows.map((row) => [row.external_id, row]));
  }

  /** The ids of the documents with these external ids that exist now. */
  async idsOf(collectionId: string, externalIds: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.source.query<{ id: string; external_id: string }[]>(
      'select id, external_id from documents where collection_id = $1 and external_id = any($2::text[]) and deleted_at is null',
      [collectionId, externalIds],
    );
    return new Map(rows.map((row) => [row.external_id, row.id]));
  }

  /** Makes staged texts the active versions of their documents. */
  async publishTexts(
    tx: Transaction,
    collectionId: string,
    userId: string,
    drafts: readonly TextDraft[],
  ): Promise<PublishedText[]> {
    const shown = drafts.map((draft) => ({ ...draft, shows: draft.versionId }));
    const taken = await this.take(tx, collectionId, userId, shown);
    const files = await this.publishedFiles(tx, drafts, taken);
    const published = drafts.map((draft): PublishedText => {
      const document = taken.get(draft.externalId);
      // The index entries were prepared for the id that was looked up; it changed hands since.
      if (document?.id !== draft.documentId) throw new DocumentIdChanged();
      const isNew = document.active_version_id === draft.versionId;
      const replacedVersionId = isNew ? null : document.active_version_id;
      const retagged = !isDeepStrictEqual(document.metadata, draft.metadata);
      if (draft.replaces !== undefined && (retagged || replacedVersionId !== draft.replaces))
        throw new DocumentIdChanged();
      return {
        documentId: document.id,
        externalId: draft.externalId,
        versionId: draft.versionId,
        replacedVersionId,
        retagged,
        overtakenVersionId: unreadVersion(document),
        sameFile:
          draft.original !== undefined && files.get(document.id)?.equals(draft.original.sha256) === true,
      };
    });
    await tx.query('select publish_texts($1::uuid[], $2::uuid[])', [
      published.map((p) => p.documentId),
      published.map((p) => p.versionId),
    ]);
    return published;
  }

  /** Hashes of the files that answer now, by document, where a text comes with its file. */
  private async publishedFiles(
    tx: Transaction,
    drafts: readonly TextDraft[],
    taken: ReadonlyMap<string, TakenDocument>,
  ): Promise<Map<string, Buffer>> {
    const versionIds = drafts.flatMap((draft) =>
      draft.original ? (taken.get(draft.externalId)?.active_version_id ?? []) : [],
    );
    if (versionIds.length === 0) return new Map();
    const rows = await tx.query<{ document_id: string; sha256: Buffer }[]>(
      'select document_id, sha256 from document_versions where id = any($1::uuid[]) and file_key is not null',
      [versionIds],
    );
    return new Map(rows.map((row) => [row.document_id, row.sha256]));
  }

  /**
   * Has a failed document wait to be read again.
   * @param writerId who sent the file again: it counts for them from now on
   * @returns undefined where it is not failed
   */
  async requeue(
    tx: Transaction,
    documentId: string,
    writerId: string | null,
  ): Promise<{ versionId: string; ownerId: string | null } | undefined> {
    const rows = await tx.query<{ latest_version_id: string; created_by: string | null }[]>(
      `with again as (
         update documents set status = 'queued', error_code = null, error_detail = null, updated_at = now(),
                              created_by = coalesce($2, created_by)
         where id = $1 and status = 'failed' and deleted_at is null returning latest_version_id, created_by
       ), fresh as (
         update document_versions set read_unfinished = 0, read_failures = 0
         where id in (select latest_version_id from again)
       )
       select latest_version_id, created_by from again`,
      [documentId, writerId],
    );
    const [row] = rows;
    return row && { versionId: row.latest_version_id, ownerId: row.created_by };
  }

  /** Gives a document another copy of a stored file of its own. @returns false where it has that file no more */
  async replaceFile(tx: Transaction, documentId: string, fileKey: string, key: string): Promise<boolean> {
    const [, count] = await tx.query<[unknown[], number]>(
      `update document_versions v set file_key = $3 from documents d
       where v.document_id = $1 and v.file_key = $2 and d.id = v.document_id and d.deleted_at is null`,
      [documentId, fileKey, key],
    );
    return count > 0;
  }

  /**
   * Publishes what was read from files, all or none; in the order of `files`. Returns undefined when one of them was
   * replaced or deleted meanwhile.
   */
  async publishFiles(
    tx: Transaction,
    files: readonly FileToPublish[],
    status: 'ready' | 'embedding',
  ): Promise<PublishedDocument[] | undefined> {
    const published = await writeRead(tx, files);
    if (!published) return undefined;
    await tx.query('select activate_versions($1::uuid[], $2)', [published.map((p) => p.versionId), status]);
    return published;
  }
}
