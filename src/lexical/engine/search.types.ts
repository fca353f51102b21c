import type { LexicalQuery } from '../lexical.types.js';
import type { LogItem, SegmentItem } from './segment/segment-log.types.js';

export type SearchTask =
  | { kind: 'clear' }
  /** Answers the sequences of segments that are damaged. */
  | { kind: 'apply'; items: readonly LogItem[] }
  /** Answers the ranges of sequences that segments hold. */
  | { kind: 'ranges' }
  /** Answers whether the segment is held now. */
  | { kind: 'adopt'; item: SegmentItem }
  /** Answers `PackedHits`. */
  | { kind: 'query'; text: string; query: LexicalQuery }
  /** Answers a `Float64Array`. */
  | {
      kind: 'scores';
      text: string;
      ids: readonly string[];
      level: 'chunk' | 'document';
      language: string | undefined;
    }
  /** Answers the number of live chunks. */
  | { kind: 'count' }
  /** Answers those of the versions that are not held. */
  | { kind: 'missing'; versionIds: readonly string[] };

/** From the first to the last sequence number, both included. */
export interface SequenceRange {
  first: number;
  last: number;
}
