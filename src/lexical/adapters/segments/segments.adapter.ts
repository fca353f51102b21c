import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { bestChosen, MOST_RANKED } from '../../../common/search/best-chosen.js';
import { untilAborted } from '../../../common/resilience/again.js';
import type { IndexHead } from '../../../database/index-head.js';
import type { Transaction } from '../../../database/transaction.types.js';
import { AnalysisThread } from '../../analysis/analysis-thread.js';
import type { EncodedSegment } from '../../analysis/analysis.types.js';
import { LexicalIndex, PreparedLexicalWrite } from '../../lexical-index.port.js';
import type {
  LexicalDifference,
  LexicalDocument,
  LexicalHit,
  LexicalQuery,
  LexicalScoreOptions,
} from '../../lexical.types.js';
import { readHits, type PackedHits } from '../../engine/packed-hits.js';
import type { SearchTask } from '../../engine/search.types.js';
import { MatchingDocuments } from './matching-documents.js';
import { PhraseCheck } from './phrase-check.js';
import { RepairTurn } from './repair-turn.js';
import { SegmentCheck } from './segment-check.js';
import { SegmentCompactor } from './segment-compactor.js';
import { SegmentFollower } from './segment-follower.js';
import { SegmentLog, type SegmentRow } from './segment-log.js';
import { SegmentRebuilder } from './segment-rebuilder.js';

/** After this many new segments a merge is due. */
const MERGE_AFTER = 64;

/**
 * The built-in engine: segments in PostgreSQL, held in memory by a thread of every process. A query first
 * reads what was committed since the last one.
 */
export class SegmentsLexicalIndex extends LexicalIndex {
  private readonly logger = new Logger('LexicalIndex');
  private readonly analysis = new AnalysisThread();
  private readonly log: SegmentLog;
  private readonly matching: MatchingDocuments;
  private readonly phrases: PhraseCheck;
  private readonly follower: SegmentFollower;
  private readonly compactor: SegmentCompactor;
  private readonly rebuilder: SegmentRebuilder;
  private readonly check: SegmentCheck;
  private background: Promise<void> | undefined;
  private readonly turn: RepairTurn;
  private readonly closing = new AbortController();

  /** `shared`: other processes use the database too. */
  constructor(dataSource: DataSource, head?: Pick<IndexHead, 'mark'>, shared = false) {
    super();
    this.log = new SegmentLog(dataSource);
    this.matching = new MatchingDocuments(dataSource);
    this.phrases = new PhraseCheck(dataSource);
    this.rebuilder = new SegmentRebuilder(dataSource, this.log, this.analysis);
    this.check = new SegmentCheck(dataSource, this.log, this.analysis, this.rebuilder);
    this.turn = new RepairTurn(dataSource, shared);
    this.follower = new SegmentFollower(
      this.log,
      async (damaged, signal) => {
        await this.complete(damaged, signal);
      },
      head,
    );
    this.compactor = new SegmentCompactor(dataSource, this.log, this.analysis, () => this.follower.reload());
  }

  /**
   * Loads, completes and merges the index in the background. A query meanwhile waits for the loading, and for a moment
   * where something is repaired.
   */
  createIndex(): Promise<void> {
    this.background ??= this.start().catch((error: unknown) => {
      if (!this.closing.signal.aborted) this.logger.error({ err: error }, 'loading the word index failed');
    });
    return Promise.resolve();
  }

  /** Resolves when what `createIndex` began has ended, and any repair, but for merges. */
  async settled(): Promise<void> {
    await this.background;
    await this.follower.repaired();
  }

  async prepare(documents: readonly LexicalDocument[]): Promise<PreparedLexicalWrite> {
    return new SegmentWrite(this.log, await this.analysis.segment(documents));
  }

  async query(text: string, query: LexicalQuery): Promise<LexicalHit[]> {
    const { filter, ...scope } = query;
    if (!filter) return this.hits(text, scope);
    // Memory holds no metadata: PostgreSQL goes through what the index ranks, deeper until enough is chosen.
    const chosen = await bestChosen({
      topK: scope.topK,
      depth: 2 * scope.topK,
      most: MOST_RANKED,
      rank: (depth) => this.hits(text, { ...scope, topK: depth }),
      choose: (ranked) => this.matching.among(ranked, filter),
    });
    if (chosen) return chosen;
    // What is chosen is unlike the query, and has to be named: else most of the index would be ranked for it.
    const documentIds = await this.matching.all(scope, filter);
    return documentIds.length === 0 ? [] : this.hits(text, { ...scope, documentIds });
  }

  scores(text: string, ids: readonly string[], options: LexicalScoreOptions): Promise<Float64Array> {
    const task: SearchTask = { kind: 'scores', text, ids, level: options.level, language: options.language };
    return options.asOfLastQuery ? this.follower.runAsLast(task) : this.run(task);
  }

  override get isIncomplete(): boolean {
    return this.follower.isIncomplete;
  }

  count(): Promise<number> {
    return this.run({ kind: 'count' });
  }

  async rebuild(): Promise<void> {
    await this.rebuilder.rebuild();
    await this.compact();
  }

  async compare(mend: boolean, signal: AbortSignal): Promise<LexicalDifference> {
    // They add what is missing, which is then no difference.
    await untilAborted(this.settled(), signal);
    return await this.check.compare(mend, signal);
  }

  /** Merges small segments now instead of when enough have come together. */
  async compact(): Promise<void> {
    await this.compactor.compact();
    await this.follower.adopt();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.compactor.close();
    await this.follower.close();
    await this.phrases.close();
    await this.analysis.close();
    await this.settled();
  }

  private async hits(text: string, query: LexicalQuery): Promise<LexicalHit[]> {
    const packed = await this.run<PackedHits>({ kind: 'query', text, query });
    const hits = readHits(packed);
    return packed.claims.length === 0 ? hits : await this.phrases.checked(hits, packed.claims);
  }

  private async run<Result>(task: SearchTask): Promise<Result> {
    const result = await this.follower.run<Result>(task);
    // Damaged segments that are still there would break a merge off.
    if (this.follower.unmerged >= MERGE_AFTER && !this.follower.repairing && !this.closing.signal.aborted) {
      this.follower.unmerged = 0;
      this.compactLater();
    }
    return result;
  }

  /** In the background: what goes wrong is logged and tried again the next time. */
  private compactLater(): void {
    void this.compact().catch((error: unknown) => {
      if (!this.closing.signal.aborted) this.logger.warn({ err: error }, 'merging segments failed');
    });
  }

  private async start(): Promise<void> {
    await this.follower.sync();
    await this.follower.repaired();
    const completed = await this.complete([], this.closing.signal);
    if (completed > 0)
      this.logger.warn(`${completed} documents were missing in the word index and are added`);
    this.follower.unmerged = 0;
    this.compactLater();
  }

  private complete(damaged: readonly SegmentRow[], signal: AbortSignal): Promise<number> {
    const missing = async (versionIds: readonly string[]): Promise<string[]> => {
      signal.throwIfAborted();
      const found = await this.follower.missing(versionIds);
      // The index may have been loaded afresh to answer: then it is no longer what the work began with.
      signal.throwIfAborted();
      return found;
    };
    return this.turn.take(signal, () => this.rebuilder.reindexMissing(missing, damaged, signal));
  }
}

class SegmentWrite extends PreparedLexicalWrite {
  constructor(
    private readonly log: SegmentLog,
    private readonly segment: EncodedSegment | undefined,
  ) {
    super();
  }

  async store(transaction: Transaction): Promise<void> {
    if (this.segment !== undefined) await this.log.insert(transaction, this.segment);
  }
}
