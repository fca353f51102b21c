import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { analyse } from './analyser/analyser.js';
import { nameTerms } from './analyser/names.js';
import { LexicalIndex, type PreparedLexicalWrite } from './lexical-index.port.js';
import type {
  LexicalDifference,
  LexicalDocument,
  LexicalHit,
  LexicalQuery,
  LexicalScoreOptions,
} from './lexical.types.js';

/** What other features use of the word index. */
@Injectable()
export class LexicalService implements OnModuleInit, OnModuleDestroy {
  constructor(private readonly index: LexicalIndex) {}

  /** Starts loading; no boot waits for it. */
  async onModuleInit(): Promise<void> {
    await this.index.createIndex();
  }

  async onModuleDestroy(): Promise<void> {
    await this.index.close();
  }

  /** Analyses documents off the event loop; store the result in the transaction that publishes them. */
  prepare(documents: readonly LexicalDocument[]): Promise<PreparedLexicalWrite> {
    return this.index.prepare(documents);
  }

  /** The best `topK` in scope, best first. Sees everything that was committed before the call. */
  async query(text: string, query: LexicalQuery): Promise<LexicalHit[]> {
    if (query.topK < 1 || query.collectionIds.length === 0 || query.documentIds?.length === 0) return [];
    return await this.index.query(text, query);
  }

  /** Whether queries go without some passages for now, because they are being indexed again. */
  get isIncomplete(): boolean {
    return this.index.isIncomplete;
  }

  /** Scores of given documents or chunks, in the order of `ids`; 0 where no term matches. */
  async scores(text: string, ids: readonly string[], options: LexicalScoreOptions): Promise<Float64Array> {
    return ids.length === 0 ? new Float64Array(0) : await this.index.scores(text, ids, options);
  }

  /** Content words of a short text as the index has them: stems without stop words. On the calling thread. */
  analyse(text: string, language?: string): string[] {
    return analyse(text, language);
  }

  /** What a file name can be found by, as the index has it. */
  nameTerms(fileName: string, language?: string): string[] {
    return nameTerms(fileName, language);
  }

  /** Number of chunks that can be found. */
  count(): Promise<number> {
    return this.index.count();
  }

  /** Compares what is stored with the versions that are shown, and with `mend` puts right what differs. */
  compare(mend: boolean, signal: AbortSignal): Promise<LexicalDifference> {
    return this.index.compare(mend, signal);
  }

  rebuild(): Promise<void> {
    return this.index.rebuild();
  }
}
