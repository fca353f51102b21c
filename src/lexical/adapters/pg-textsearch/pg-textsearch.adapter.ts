import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { AppError } from '../../../common/errors/app-error.js';
import type { Transaction } from '../../../database/transaction.types.js';
import { AnalysisThread } from '../../analysis/analysis-thread.js';
import { analyseQuery } from '../../analyser/query.js';
import { LexicalIndex, PreparedLexicalWrite } from '../../lexical-index.port.js';
import type { LexicalDocument, LexicalHit, LexicalQuery, LexicalScoreOptions } from '../../lexical.types.js';
import { activeVersions, readDocuments } from '../stored-documents.js';
import { BM25 } from '../../engine/bm25.js';
import { UUID } from '../../../common/search/uuid-bytes.js';
import { chunkWords, documentWords, encodeTerm } from './term-encoding.js';

const LEVELS = {
  document: { table: 'lexical_document_words', id: 'document_id', index: 'lexical_document_words_bm25' },
  chunk: { table: 'lexical_chunk_words', id: 'chunk_id', index: 'lexical_chunk_words_bm25' },
} as const;
type Level = keyof typeof LEVELS;

const MOST_PASSAGES = 1;
const CREATE_LOCK = 7_305_190_343;
/** Rows that are found: of the version that readers see. */
const VISIBLE = `join documents d on d.id = t.document_id and d.active_version_id = t.version_id and d.deleted_at is null`;

interface Found {
  hits: { id: string; document_id: string; version_id: string; distance: number }[];
  read: number;
  furthest: number | null;
}

/**
 * BM25 by the `pg_textsearch` extension, for indexes that outgrow a process's memory. Its document lengths
 * are rounded, so scores differ slightly from exact BM25; its statistics count replaced versions until their
 * document is stored again or the index is created or rebuilt.
 */
export class PgTextsearchLexicalIndex extends LexicalIndex {
  private readonly logger = new Logger('LexicalIndex');
  private readonly analysis = new AnalysisThread();
  private background: Promise<void> | undefined;
  private closed = false;

  constructor(private readonly dataSource: DataSource) {
    super();
  }

  /** @throws AppError `service_unavailable` when the server does not offer the extension. */
  async createIndex(): Promise<void> {
    try {
      await this.dataSource.transaction((transaction) => createTables(transaction));
    } catch (cause) {
      const detail =
        'LEXICAL_INDEX=pg_textsearch needs that extension on the PostgreSQL server (17 or newer).';
      throw new AppError('service_unavailable', detail, { cause });
    }
    this.background ??= this.complete().catch((error: unknown) => {
      if (!this.closed) this.logger.error(`completing the word index failed: ${String(error)}`);
    });
  }

  async prepare(documents: readonly LexicalDocument[]): Promise<PreparedLexicalWrite> {
    const indexed = documents.filter((document) => document.chunks.length > 0);
    const analysed = await this.analysis.terms(indexed);
    const rows = indexed.map((document, i): WordsRow => ({
      documentId: document.documentId,
      versionId: document.versionId,
      words: documentWords(analysed[i]!),
      chunks: chunkWords(analysed[i]!).map((words, at) => ({ id: document.chunks[at]!.chunkId, words })),
    }));
    return new WordsWrite(rows);
  }

  async query(text: string, query: LexicalQuery): Promise<LexicalHit[]> {
    const words = queryWords(text, query.language);
    const topK = Math.floor(query.topK);
    if (words === '' || topK < 1 || query.collectionIds.length === 0) return [];
    // The scope is applied to what the index gives, in order; where that runs out of rows in scope before
    // `topK` are found, or ends among equal scores, more is read.
    let found: Found;
    let depth = Math.max(100, topK * 2);
    for (; ; depth *= 8) {
      found = await this.search(words, query, topK, depth);
      const exhausted = found.read < depth;
      const last = found.hits[topK - 1];
      if (exhausted || (last !== undefined && last.distance < found.furthest!)) break;
    }
    const hits = found.hits.map((hit) => ({
      documentId: hit.document_id,
      versionId: hit.version_id,
      chunkIds: query.level === 'chunk' ? [hit.id] : [],
      score: -hit.distance,
    }));
    if (query.level === 'document') await this.addPassages(words, hits);
    return hits;
  }

  async scores(text: string, ids: readonly string[], options: LexicalScoreOptions): Promise<Float64Array> {
    const words = queryWords(text, options.language);
    const scores = new Float64Array(ids.length);
    if (words === '' || ids.length === 0) return scores;
    const { table, id, index } = LEVELS[options.level];
    const rows: { id: string; distance: number }[] = await this.dataSource.query(
      `select t.${id} as id, t.words <@> to_bm25query($1, '${index}') as distance
       from ${table} t ${VISIBLE} where t.${id} = any($2::uuid[])`,
      [words, uuids(ids)],
    );
    const byId = new Map(rows.map((row) => [row.id, -row.distance]));
    ids.forEach((value, i) => (scores[i] = Math.max(0, byId.get(value.toLowerCase()) ?? 0)));
    return scores;
  }

  async count(): Promise<number> {
    const [row]: { count: number }[] = await this.dataSource.query(
      `select count(*)::int as count from ${LEVELS.chunk.table} t ${VISIBLE}`,
    );
    return row!.count;
  }

  async rebuild(): Promise<void> {
    for await (const page of activeVersions(this.dataSource)) await this.index(page);
    await this.removeInvisible();
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.analysis.close();
    await this.background;
  }

  private async search(words: string, query: LexicalQuery, topK: number, depth: number): Promise<Found> {
    const { table, id, index } = LEVELS[query.level];
    const [row]: [Found] = await this.dataSource.query(
      `with ranked as materialized (
         select ${id} as id, document_id, version_id, words <@> to_bm25query($1, '${index}') as distance
         from ${table} order by words <@> to_bm25query($1, '${index}') limit $2)
       select (select count(*)::int from ranked) as read, (select max(distance) from ranked) as furthest,
         (select coalesce(json_agg(hit), '[]') from (
            select t.id, t.document_id, t.version_id, t.distance from ranked t ${VISIBLE}
            where t.distance < 0 and d.collection_id = any($3::uuid[]) and ($4::uuid[] is null or d.id = any($4))
              and ($6::jsonpath is null or d.metadata @@ $6::jsonpath)
            order by t.distance, t.id limit $5) hit) as hits`,
      [
        words,
        depth,
        uuids(query.collectionIds),
        query.documentIds ? uuids(query.documentIds) : null,
        topK,
        query.filter?.jsonPath ?? null,
      ],
    );
    return row;
  }

  private async addPassages(words: string, hits: readonly LexicalHit[]): Promise<void> {
    const { table, index } = LEVELS.chunk;
    const rows: { chunk_id: string; version_id: string }[] = await this.dataSource.query(
      `select chunk_id, version_id from (
         select chunk_id, version_id, ordinal, words <@> to_bm25query($1, '${index}') as distance
         from ${table} where version_id = any($2::uuid[]) offset 0) scored
       where distance < 0 order by distance, ordinal`,
      [words, hits.map((hit) => hit.versionId)],
    );
    const passages = new Map(hits.map((hit) => [hit.versionId, hit.chunkIds]));
    for (const row of rows) {
      const chunkIds = passages.get(row.version_id)!;
      if (chunkIds.length < MOST_PASSAGES) chunkIds.push(row.chunk_id);
    }
  }

  /** Indexes what was published while another index was chosen. */
  private async complete(): Promise<void> {
    await this.removeInvisible();
    for await (const page of activeVersions(this.dataSource)) {
      const absent: { id: string }[] = await this.dataSource.query(
        `select active.id from unnest($1::uuid[]) as active (id)
         where not exists (select from ${LEVELS.document.table} t where t.version_id = active.id)`,
        [page],
      );
      await this.index(absent.map(({ id }) => id));
    }
  }

  private async index(versionIds: readonly string[]): Promise<void> {
    for await (const documents of readDocuments(this.dataSource, versionIds)) {
      const write = await this.prepare(documents);
      await this.dataSource.transaction((transaction) => write.store(transaction));
    }
  }

  private async removeInvisible(): Promise<void> {
    for (const { table } of Object.values(LEVELS)) {
      await this.dataSource.query(
        `delete from ${table} t where not exists (
           select from documents d where d.id = t.document_id
             and t.version_id in (d.active_version_id, d.latest_version_id) and d.deleted_at is null)`,
      );
    }
  }
}

interface WordsRow {
  documentId: string;
  versionId: string;
  words: string;
  chunks: { id: string; words: string }[];
}

class WordsWrite extends PreparedLexicalWrite {
  constructor(private readonly rows: readonly WordsRow[]) {
    super();
  }

  async store(transaction: Transaction): Promise<void> {
    if (this.rows.length === 0) return;
    const chunks = this.rows.flatMap((row) =>
      row.chunks.map((chunk, ordinal) => ({ ...row, chunk, ordinal })),
    );
    await transaction.query(
      `insert into lexical_document_words (version_id, document_id, words)
       select * from unnest($1::uuid[], $2::uuid[], $3::text[])
       on conflict (version_id) do update set words = excluded.words`,
      columns(this.rows, (row) => [row.versionId, row.documentId, row.words]),
    );
    await transaction.query(
      `insert into lexical_chunk_words (chunk_id, version_id, document_id, ordinal, words)
       select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::text[])
       on conflict (chunk_id) do update set words = excluded.words`,
      columns(chunks, ({ chunk, versionId, documentId, ordinal }) => [
        chunk.id,
        versionId,
        documentId,
        ordinal,
        chunk.words,
      ]),
    );
  }
}

function columns<Row>(rows: readonly Row[], values: (row: Row) => unknown[]): unknown[][] {
  const table = rows.map(values);
  return table[0]!.map((_, column) => table.map((row) => row[column]));
}

/** What is no UUID names nothing. */
const uuids = (ids: readonly string[]): string[] => ids.filter((id) => UUID.test(id));

const queryWords = (text: string, language: string | undefined): string =>
  [...analyseQuery(text, language).terms]
    .flatMap(([term, count]) => Array.from({ length: count }, () => encodeTerm(term)))
    .join(' ');

async function createTables(transaction: Transaction): Promise<void> {
  await transaction.query('select pg_advisory_xact_lock($1)', [CREATE_LOCK]);
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
    'create index if not exists lexical_chunk_words_version_idx on lexical_chunk_words (version_id)',
  );
  for (const [level, { table, index }] of Object.entries(LEVELS)) {
    const { k1, b } = BM25[level as Level];
    await transaction.query(
      `create index if not exists ${index} on ${table} using bm25 (words)
       with (text_config = 'simple', k1 = ${k1}, b = ${b})`,
    );
  }
}
