import type { LexicalQuery } from '../lexical.types.js';
import type { LogItem } from './segment-log.types.js';

export type SearchTask =
  | { kind: 'clear' }
  /** Answers the sequences of segments that are damaged. */
  | { kind: 'apply'; items: readonly LogItem[] }
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
