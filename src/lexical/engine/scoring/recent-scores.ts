import type { QueryAnalysis } from '../../analyser/query.js';
import type { QueryTerm } from './query-term.js';
import type { Level } from '../level.js';

/** What the words of a query weigh in the whole index. */
export interface Weighed {
  analysis: QueryAnalysis;
  terms: readonly QueryTerm[];
  /** What names of files are looked through for. */
  names: readonly Uint8Array[];
  /** Of the terms, in their order; 0 where no live unit holds one. */
  idf: readonly number[];
}

/** What scoring a query has found out about the whole index. */
export interface ScoredQuery extends Weighed {
  /** BM25 by unit of the whole index; none where only the best were scored. */
  scores: Float64Array | undefined;
}

const MOST_QUERIES = 32;
const MOST_BYTES = 16 * 1024 * 1024;

/** Arrays that wait to be used again. */
const MOST_SPARE = 2;

/** Who asks for the best of a query asks for the scores of others next: they are kept until the index changes. */
export class RecentScores {
  private readonly byQuery = new Map<string, ScoredQuery>();
  private generation = -1;
  private bytes = 0;
  private spare: Float64Array[] = [];

  /** An array of zeros, one that is not needed any more if possible: megabytes for each query would keep memory busy. */
  zeros(length: number): Float64Array {
    for (let scores = this.spare.pop(); scores !== undefined; scores = this.spare.pop())
      if (scores.length === length) return scores.fill(0);
    return new Float64Array(length);
  }

  find(generation: number, ...query: QueryKey): ScoredQuery | undefined {
    return generation === this.generation ? this.byQuery.get(keyOf(query)) : undefined;
  }

  keep(generation: number, scored: ScoredQuery, ...query: QueryKey): void {
    if (generation !== this.generation) {
      for (const { scores } of this.byQuery.values()) this.release(scores);
      this.byQuery.clear();
      this.bytes = 0;
      this.generation = generation;
    }
    const key = keyOf(query);
    if (this.byQuery.has(key)) return;
    this.byQuery.set(key, scored);
    this.bytes += scored.scores?.byteLength ?? 0;
    for (const [oldest, { scores }] of this.byQuery) {
      if (this.byQuery.size <= MOST_QUERIES && this.bytes <= MOST_BYTES) return;
      this.byQuery.delete(oldest);
      this.bytes -= scores?.byteLength ?? 0;
      this.release(scores);
    }
  }

  private release(scores: Float64Array | undefined): void {
    if (scores && this.spare.length < MOST_SPARE) this.spare.push(scores);
  }
}

type QueryKey = [level: Level, language: string | undefined, text: string];

const keyOf = ([level, language, text]: QueryKey): string => `${level} ${language ?? ''} ${text}`;
