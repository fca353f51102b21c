import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { AppError } from '../../../common/errors/app-error.js';
import { AnalysisThread } from '../../analysis/analysis-thread.js';
import { analysisLanguage } from '../../analyser/analyser.js';
import { LexicalIndex, type PreparedLexicalWrite } from '../../lexical-index.port.js';
import type {
  LexicalDifference,
  LexicalDocument,
  LexicalHit,
  LexicalQuery,
  LexicalScoreOptions,
} from '../../lexical.types.js';
import { createTables, LEVELS, VISIBLE } from './tables.js';
import { chunkWords, documentWords, nameWords } from './term-encoding.js';
import { WordsSearch } from './words-search.js';
import { WordsUpkeep } from './words-upkeep.js';
import { WordsWrite, type WordsRow } from './words-write.js';

/**
 * BM25 by the `pg_textsearch` extension, for indexes that outgrow a process's memory. Its document lengths
 * are rounded, so scores differ slightly from exact BM25; its statistics count replaced versions until their
 * document is stored again or the index is created, compared or rebuilt.
 */
export class PgTextsearchLexicalIndex extends LexicalIndex {
  private readonly logger = new Logger('LexicalIndex');
  private readonly analysis = new AnalysisThread();
  private readonly search: WordsSearch;
  private readonly upkeep: WordsUpkeep;
  private background: Promise<void> | undefined;
  private readonly closing = new AbortController();

  constructor(private readonly dataSource: DataSource) {
    super();
    this.search = new WordsSearch(dataSource);
    this.upkeep = new WordsUpkeep(dataSource, (documents) => this.prepare(documents));
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
    // What was published or removed while another index was chosen.
    this.background ??= this.complete();
  }

  async prepare(documents: readonly LexicalDocument[]): Promise<PreparedLexicalWrite> {
    const indexed = documents.filter((document) => document.chunks.length > 0);
    const analysed = await this.analysis.terms(indexed);
    const rows = indexed.map((document, i): WordsRow => ({
      documentId: document.documentId,
      versionId: document.versionId,
      language: analysisLanguage(document.language),
      words: documentWords(analysed[i]!),
      name: nameWords(analysed[i]!),
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

  rebuild(): Promise<void> {
    return this.upkeep.rebuild();
  }

  async compare(mend: boolean, signal: AbortSignal): Promise<LexicalDifference> {
    await this.background;
    return await this.upkeep.compare(mend, signal);
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.analysis.close();
    await this.background;
  }

  private async complete(): Promise<void> {
    const { signal } = this.closing;
    try {
      await this.upkeep.compare(true, signal);
    } catch (error) {
      if (!signal.aborted) this.logger.error({ err: error }, 'completing the word index failed');
    }
  }
}
