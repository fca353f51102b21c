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

/** Documents that come in several messages: the last one says how many were before it. */
export interface DocumentParts {
  key: number;
  before: number;
}

/** Answered for documents of which the thread does not have every part: it is not the one that got the first. */
export const INCOMPLETE = 'incomplete';

export type AnalysisTask =
  | { kind: 'part'; key: number; documents: readonly LexicalDocument[] }
  | { kind: 'segment'; documents: readonly LexicalDocument[]; parts?: DocumentParts }
  | { kind: 'terms'; documents: readonly LexicalDocument[] }
  | { kind: 'contents'; segments: readonly Omit<StoredSegment, 'last'>[] }
  | { kind: 'merge'; segments: readonly StoredSegment[]; retired: readonly RetiredVersion[] };
