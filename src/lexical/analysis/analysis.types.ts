import type { LexicalDocument } from '../lexical.types.js';

/** A segment as the analysis thread makes it; `undefined` where nothing is left to store. */
export interface EncodedSegment {
  bytes: ArrayBuffer;
  checksum: number;
  chunks: number;
}

export interface StoredSegment {
  bytes: ArrayBuffer;
  checksum: number;
  /** Last sequence whose content it holds: later retirements apply to it. */
  last: number;
}

/** What a stored segment holds, version by version: ids, and how many chunks of each. */
export interface SegmentContents {
  versionIds: string[];
  chunks: number[];
}

export interface RetiredVersion {
  sequence: number;
  versionId: string;
}

/** Terms of a document in order, with repetitions. */
export interface AnalysedDocument {
  title: string[];
  /** The name of the file as it is written, and what it is found by. */
  name: { written: string[]; terms: string[] };
  chunks: { body: string[]; heading: string[] }[];
}

export type AnalysisTask =
  | { kind: 'segment'; documents: readonly LexicalDocument[] }
  | { kind: 'terms'; documents: readonly LexicalDocument[] }
  | { kind: 'contents'; segments: readonly Omit<StoredSegment, 'last'>[] }
  | { kind: 'merge'; segments: readonly StoredSegment[]; retired: readonly RetiredVersion[] };
