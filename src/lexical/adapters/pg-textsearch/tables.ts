import { ADVISORY_LOCKS } from '../../../database/advisory-locks.js';
import type { Transaction } from '../../../database/transaction.types.js';
import { BM25 } from '../../engine/bm25.js';
import { SEGMENT_VERSION } from '../../engine/segment/segment.js';

export const LEVELS = {
  document: { table: 'lexical_document_words', id: 'document_id', index: 'lexical_document_words_bm25' },
  chunk: { table: 'lexical_chunk_words', id: 'chunk_id', index: 'lexical_chunk_words_bm25' },
} as const;
/** A row for each document, so that names are as rare as they are among all. */
export const NAMED = { table: 'lexical_name_words', index: 'lexical_name_words_bm25' } as const;
/** Stands for the words of a name where there is no file; no term is encoded so. */
export const NO_NAME = 'zzz';
const TABLES = [NAMED.table, LEVELS.chunk.table, LEVELS.document.table] as const;
export type Level = keyof typeof LEVELS;
/** Rows that are found: of the version that readers see. */
export const VISIBLE = `join documents d on d.id = t.document_id and d.active_version_id = t.version_id and d.deleted_at is null`;

/** Of the analysis, which is the engine's, and of the parameters that an index of the extension is made with. */
const VERSION = `analysis ${SEGMENT_VERSION}, ${JSON.stringify(BM25)}`;

/** Idempotent. Words of another version of the analysis are dropped; they are made again from `chunks`. */
export async function createTables(transaction: Transaction): Promise<void> {
  await transaction.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.wordTables]);
  const [held]: { version: string | null }[] = await transaction.query(
    `select obj_description(to_regclass('lexical_document_words'), 'pg_class') as version`,
  );
  if (held!.version !== VERSION)
    await transaction.query(`drop table if exists ${TABLES.join(', ')}, lexical_word_languages`);
  await transaction.query('create extension if not exists pg_textsearch');
  // No foreign keys: the tables come and go with this index, and migrations know nothing of them.
  await transaction.query(
    `create table if not exists lexical_document_words (
       version_id uuid constraint lexical_document_words_pkey primary key,
       document_id uuid not null,
       words text not null)`,
  );
  await transaction.query(
    `create table if not exists lexical_chunk_words (
       chunk_id uuid constraint lexical_chunk_words_pkey primary key,
       version_id uuid not null,
       document_id uuid not null,
       ordinal integer not null,
       words text not null)`,
  );
  await transaction.query(
    `create table if not exists ${NAMED.table} (
       version_id uuid constraint lexical_name_words_pkey primary key,
       document_id uuid not null,
       words text not null,
       written text not null)`,
  );
  // Every language whose analysis some text had; a query without one is analysed in each.
  await transaction.query(
    `create table if not exists lexical_word_languages (
       language text constraint lexical_word_languages_pkey primary key)`,
  );
  await transaction.query(`comment on table lexical_document_words is '${VERSION}'`);
  await transaction.query(
    'create index if not exists lexical_chunk_words_version_idx on lexical_chunk_words (version_id)',
  );
  await transaction.query(
    `create index if not exists lexical_name_words_named_idx on ${NAMED.table} (version_id) where words <> '${NO_NAME}'`,
  );
  // Every word stands once and lengths do not count: a name's score is the sum of its words' inverse frequencies.
  await transaction.query(
    `create index if not exists ${NAMED.index} on ${NAMED.table} using bm25 (words)
     with (text_config = 'simple', k1 = 1.2, b = 0)`,
  );
  for (const [level, { table, index }] of Object.entries(LEVELS)) {
    const { k1, b } = BM25[level as Level];
    await transaction.query(
      `create index if not exists ${index} on ${table} using bm25 (words)
       with (text_config = 'simple', k1 = ${k1}, b = ${b})`,
    );
  }
}
