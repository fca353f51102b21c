import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { AppError } from '../../../common/errors/app-error.js';
import { AnalysisThread } from '../../analysis/analysis-thread.js';
import { analysisLanguage } from '../../analyser/analyser.js';
import { LexicalIndex, type PreparedLexicalWrite } from '../../lexical-index.port.js';
import type { LexicalDocument, LexicalHit, LexicalQuery, LexicalScoreOptions } from '../../lexical.types.js';
import { activeVersions, readDocuments } from '../stored-documents.js';
import { createTables, LEVELS, VISIBLE } from './tables.js';
import { chunkWords, documentWords } from './term-encoding.js';
import { WordsSearch } from './words-search.js';
import { WordsWrite, type WordsRow } from './words-write.js';

/**
 * BM25 by the `pg_textsearch` extension, for indexes that outgrow a process's memory. Its document lengths
 * are rounded, so scores differ slightly from exact BM25; its statistics count replaced versions until their
 * document is stored again or the index is created or rebuilt.
 */
export class PgTextsearchLexicalIndex extends LexicalIndex {
  private readonly logger = new Logger('LexicalIndex');
  private readonly analysis = new AnalysisThread();
  private readonly search: WordsSearch;
  private background: Promise<void> | undefined;
  private closed = false;

  constructor(private readonly dataSource: DataSource) {
    super();
    this.search = new WordsSearch(dataSource);
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
      language: analysisLanguage(document.language),
      words: documentWords(analysed[i]!),
      chunks: chunkWords(analysed[i]!).map((words, at) => ({ id: document.chunks[at]!.chunkId, words })),
    }));
    return new WordsWrite(rows);
  }

  query(text: string, query: LexicalQuery): Promise<LexicalHit[]> {
    return this.search.query(text, query);
  }

  scores(text: string, ids: readonly string[], options: LexicalScoreOptions): Promise<Float64Array> {
    return this.search.scores(text, ids, options);
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
