// The `pg_textsearch` adapter over an embedded database in memory: the extension's ranking, not its speed.
import { PGlite } from '@electric-sql/pglite';
import { pg_textsearch } from '@electric-sql/pglite-pg_textsearch';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DataSource } from 'typeorm';
import { MIGRATIONS } from '../../dist/database/data-source.js';
import { socketServer } from '../../dist/database/embedded/socket-server.js';
import { PgTextsearchLexicalIndex } from '../../dist/lexical/adapters/pg-textsearch/pg-textsearch.adapter.js';

const BATCH = 256;

/** Runs `work` with an index of these documents, all of one collection. */
export async function withPgTextsearch(documents, work) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-pg-textsearch-'));
  const engine = await PGlite.create({ extensions: { pg_textsearch } });
  const server = socketServer(engine, {
    path: path.join(directory, '.s.PGSQL.5432'),
    maxConnections: 4,
  });
  await server.start();
  const login = { username: 'postgres', database: 'postgres', poolSize: 2, installExtensions: false };
  const dataSource = new DataSource({ type: 'postgres', host: directory, ...login, migrations: MIGRATIONS });
  await dataSource.initialize();
  await dataSource.runMigrations();
  const index = new PgTextsearchLexicalIndex(dataSource);
  try {
    await publish(dataSource, documents);
    await index.createIndex();
    for (let at = 0; at < documents.length; at += BATCH) {
      const write = await index.prepare(documents.slice(at, at + BATCH));
      await dataSource.transaction((transaction) => write.store(transaction));
    }
    return await work(index);
  } finally {
    await index.close();
    await dataSource.destroy();
    await server.stop();
    await engine.close();
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

/** What the index joins with: documents and their current versions. Their chunks only the index has. */
async function publish(dataSource, documents) {
  const owner = randomUUID();
  await dataSource.query(`insert into users (id, email, password_hash) values ($1, $2, '')`, [
    owner,
    `${owner}@example.com`,
  ]);
  await dataSource.query(`insert into collections (id, owner_id, name) values ($1, $2, 'bench')`, [
    documents[0].collectionId,
    owner,
  ]);
  const ids = documents.map(({ documentId }) => documentId);
  const versions = documents.map(({ versionId }) => versionId);
  await dataSource.query(
    `insert into documents (id, collection_id, external_id, status)
     select id, $2, id::text, 'ready' from unnest($1::uuid[]) as x (id)`,
    [ids, documents[0].collectionId],
  );
  await dataSource.query(
    `insert into document_versions (id, document_id, mime, byte_size, sha256, chunk_count)
     select v, d, 'text/plain', 1, '', 1 from unnest($1::uuid[], $2::uuid[]) as x (v, d)`,
    [versions, ids],
  );
  await dataSource.query(
    `update documents d set active_version_id = x.v from unnest($1::uuid[], $2::uuid[]) as x (v, d) where d.id = x.d`,
    [versions, ids],
  );
}
