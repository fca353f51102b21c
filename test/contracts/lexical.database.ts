import { pg_textsearch } from '@electric-sql/pglite-pg_textsearch';
import { randomUUID } from 'node:crypto';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { MIGRATIONS } from '../../src/database/data-source.js';
import { retireVersions } from '../../src/database/index-log.js';
import type { LexicalIndex } from '../../src/lexical/lexical-index.port.js';
import { startMemoryDatabase, type TestDatabase } from '../support/memory-database.js';
import type { LexicalDocument } from '../../src/lexical/lexical.types.js';

/**
 * A migrated database: embedded and in memory, or, with `TEST_DATABASE_URL`, a new database on that server, where transactions really overlap.
 */
export async function startLexicalDatabase(): Promise<TestDatabase> {
  const server = process.env.TEST_DATABASE_URL;
  return server === undefined ? await startMemoryDatabase({ pg_textsearch }) : await startOn(server);
}

const OPTIONS = {
  type: 'postgres' as const,
  poolSize: 6,
  installExtensions: false,
  migrations: MIGRATIONS,
} satisfies DataSourceOptions;

async function startOn(server: string): Promise<TestDatabase> {
  const name = `lexical_test_${randomUUID().replaceAll('-', '')}`;
  const admin = new DataSource({ ...OPTIONS, url: server, migrations: [] });
  await admin.initialize();
  await admin.query(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const dataSource = new DataSource({ ...OPTIONS, url: url.href, poolSize: 12 });
  await dataSource.initialize();
  await dataSource.runMigrations();
  return {
    dataSource,
    async stop() {
      await dataSource.destroy();
      await admin.query(`drop database ${name}`);
      await admin.destroy();
    },
  };
}

export interface Passage {
  text: string;
  headingPath?: string[];
}

/** Documents in the database as the product stores them, and their entries in the index under test. */
export class Library {
  private constructor(private readonly dataSource: DataSource) {}

  static async open(dataSource: DataSource): Promise<Library> {
    await dataSource.query(
      `truncate documents, document_versions, chunks, retired_versions, lexical_segments, collections, users cascade`,
    );
    return new Library(dataSource);
  }

  async addCollection(): Promise<string> {
    const [owner, id] = [randomUUID(), randomUUID()];
    await this.dataSource.query(`insert into users (id, email, password_hash) values ($1, $2, '')`, [
      owner,
      `${owner}@example.com`,
    ]);
    await this.dataSource.query(`insert into collections (id, owner_id, name) values ($1, $2, 'c')`, [
      id,
      owner,
    ]);
    return id;
  }

  /** A document that is not stored yet. */
  draft(
    collectionId: string,
    title: string | null,
    passages: readonly (string | Passage)[],
    rest: { language?: string | undefined; documentId?: string; fileName?: string | null } = {},
  ): LexicalDocument {
    return {
      documentId: rest.documentId ?? randomUUID(),
      versionId: randomUUID(),
      collectionId,
      title,
      fileName: rest.fileName ?? null,
      language: rest.language,
      chunks: passages.map((passage) => ({
        chunkId: randomUUID(),
        text: typeof passage === 'string' ? passage : passage.text,
        headingPath: typeof passage === 'string' ? [] : (passage.headingPath ?? []),
      })),
    };
  }

  /** Stores documents, or new versions of them, and their entries, in one transaction. */
  async publish(index: LexicalIndex, ...documents: LexicalDocument[]): Promise<void> {
    const write = await index.prepare(documents);
    await this.dataSource.transaction(async (transaction) => {
      const replaced: string[] = [];
      for (const document of documents) {
        const { documentId, versionId, collectionId } = document;
        const [old]: { active_version_id: string }[] = await transaction.query(
          'select active_version_id from documents where id = $1',
          [documentId],
        );
        if (old) replaced.push(old.active_version_id);
        await transaction.query(
          `insert into documents (id, collection_id, external_id, status) values ($1::uuid, $2, $1::uuid::text, 'ready')
           on conflict (id) do nothing`,
          [documentId, collectionId],
        );
        await transaction.query(
          `insert into document_versions (id, document_id, title, file_name, language, mime, byte_size, sha256, chunk_count)
           values ($1, $2, coalesce($3, $6), $6, $4, 'text/plain', 1, '', $5)`,
          [
            versionId,
            documentId,
            document.title,
            document.language ?? null,
            document.chunks.length,
            document.fileName,
          ],
        );
        await transaction.query(
          `insert into chunks (id, version_id, ordinal, text, search_text, char_start, char_end, heading_path, token_count)
           select (c->>'chunkId')::uuid, $1, n, c->>'text', '', 0, 1,
             array(select jsonb_array_elements_text(c->'headingPath')), 1
           from jsonb_array_elements($2::jsonb) with ordinality as x (c, n)`,
          [versionId, JSON.stringify(document.chunks)],
        );
        await transaction.query('update documents set active_version_id = $1 where id = $2', [
          versionId,
          documentId,
        ]);
      }
      await retireVersions(transaction, replaced);
      await write.store(transaction);
    });
  }

  async remove(...documents: LexicalDocument[]): Promise<void> {
    await this.dataSource.transaction(async (transaction) => {
      await transaction.query('update documents set deleted_at = now() where id = any($1::uuid[])', [
        documents.map(({ documentId }) => documentId),
      ]);
      await retireVersions(
        transaction,
        documents.map(({ versionId }) => versionId),
      );
    });
  }
}
