import type { Transaction } from '../database/transaction.types.js';
import type {
  LexicalDifference,
  LexicalDocument,
  LexicalHit,
  LexicalQuery,
  LexicalScoreOptions,
} from './lexical.types.js';

/** A prepared write: what analysing produced, ready to be stored in a short transaction. */
export abstract class PreparedLexicalWrite {
  /**
   * Stores the entries inside the caller's transaction, as its last statement: they become visible to every
   * process with its commit.
   */
  abstract store(transaction: Transaction): Promise<void>;
}

/** Ranking by words (BM25). Results are exact for any scope; everything can be rebuilt from `chunks`. */
export abstract class LexicalIndex {
  /** Makes what the index needs beyond the migrations; idempotent. Called once before anything else. */
  abstract createIndex(): Promise<void>;

  /**
   * Analyses documents off the event loop. A version that is stored again replaces its earlier entries (after
   * its document moved to another collection, for instance).
   */
  abstract prepare(documents: readonly LexicalDocument[]): Promise<PreparedLexicalWrite>;

  /**
   * The best `topK`, best first, ties by id. Only what matches at least one term of the query is a hit.
   * Sees everything that was committed before the call, on any process. Retired versions are never hits.
   */
  abstract query(text: string, query: LexicalQuery): Promise<LexicalHit[]>;

  /** Scores of given documents, or of given chunks at `chunk` level; 0 where no term matches. Order of `ids`. */
  abstract scores(text: string, ids: readonly string[], options: LexicalScoreOptions): Promise<Float64Array>;

  /** Whether queries go without some passages for now, because they are being indexed again. */
  get isIncomplete(): boolean {
    return false;
  }

  /** Number of chunks that can be found. */
  abstract count(): Promise<number>;

  /**
   * Builds everything again from `chunks` of active versions. Queries are answered all the while, and what is
   * committed meanwhile is kept.
   */
  abstract rebuild(): Promise<void>;

  /**
   * Compares what is stored with the versions that are shown, whatever this process holds in memory, and with `mend`
   * puts right what differs. What is published, replaced or deleted meanwhile is no difference.
   */
  abstract compare(mend: boolean, signal: AbortSignal): Promise<LexicalDifference>;

  /** Ends the threads; nothing can be asked afterwards. */
  abstract close(): Promise<void>;
}
