import { vector } from '@electric-sql/pglite-pgvector';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { retireVersions } from '../../src/database/index-log.js';
import type { VectorWrite } from '../../src/vector/vector-store.port.js';
import { startMemoryDatabase, type TestDatabase } from '../support/memory-database.js';

/** With pgvector unless told otherwise. */
export const startDatabase = (extensions: { vector?: typeof vector } = { vector }): Promise<TestDatabase> =>
  startMemoryDatabase(extensions, 4);

/** A user with collections, for documents to stand in. */
export async function addCollections(dataSource: DataSource, count: number): Promise<string[]> {
  const owner = randomUUID();
  await dataSource.query(`insert into users (id, email, password_hash) values ($1, $2, '')`, [
    owner,
    `${owner}@example.com`,
  ]);
  const ids = Array.from({ length: count }, () => randomUUID());
  await dataSource.query(
    `insert into collections (id, owner_id, name) select id, $2, 'c' from unnest($1::uuid[]) id`,
    [ids, owner],
  );
  return ids;
}

export interface TestDocument {
  documentId: string;
  versionId: string;
  collectionId: string;
}

/** Documents with one version each, that version active. */
export async function addDocuments(
  dataSource: DataSource,
  collectionIds: readonly string[],
): Promise<TestDocument[]> {
  const documents = collectionIds.map((collectionId) => ({
    documentId: randomUUID(),
    versionId: randomUUID(),
    collectionId,
  }));
  const column = (key: keyof TestDocument): string[] => documents.map((document) => document[key]);
  await dataSource.query(
    `insert into documents (id, collection_id, external_id, status)
     select d, c, d::text, 'ready' from unnest($1::uuid[], $2::uuid[]) as x (d, c)`,
    [column('documentId'), column('collectionId')],
  );
  await dataSource.query(
    `insert into document_versions (id, document_id, mime, byte_size, sha256)
     select v, d, 'text/plain', 1, '' from unnest($1::uuid[], $2::uuid[]) as x (d, v)`,
    [column('documentId'), column('versionId')],
  );
  await dataSource.query(
    `update documents set active_version_id = v from unnest($1::uuid[], $2::uuid[]) as x (d, v) where id = d`,
    [column('documentId'), column('versionId')],
  );
  return documents;
}

/** Makes a new version the active one, with what is to be written in the same transaction. */
export async function replaceVersion(
  dataSource: DataSource,
  document: TestDocument,
  { versionId = randomUUID(), write }: { versionId?: string; write?: VectorWrite } = {},
): Promise<TestDocument> {
  await dataSource.query(
    `insert into document_versions (id, document_id, mime, byte_size, sha256) values ($1, $2, 'text/plain', 1, '')`,
    [versionId, document.documentId],
  );
  await dataSource.transaction(async (transaction) => {
    await transaction.query('update documents set active_version_id = $1 where id = $2', [
      versionId,
      document.documentId,
    ]);
    await write?.(transaction);
    await retireVersions(transaction, [document.versionId]);
  });
  return { ...document, versionId };
}

/** Hides a document from everybody. */
export async function deleteDocument(dataSource: DataSource, document: TestDocument): Promise<void> {
  await dataSource.transaction(async (transaction) => {
    await transaction.query('update documents set deleted_at = now() where id = $1', [document.documentId]);
    await retireVersions(transaction, [document.versionId]);
  });
}
