import type { PageStarts } from '../common/page-starts.js';
import type { LlmUsage } from '../llm/llm.types.js';

/** A passage that an answer may be drawn from. Offsets are UTF-16 code units, end exclusive. */
export interface AnswerPassage {
  chunkId: string;
  documentId: string;
  /** The caller's own id of the document. */
  docId: string;
  title: string | null;
  /** Of the file that the document came as. */
  fileName?: string | undefined;
  /** That it begins on. */
  page: number | null;
  /** Of its document: it may go on over the end of its page. */
  pageStarts?: PageStarts | null | undefined;
  /** Exactly the document's text from `charStart` to `charEnd`. */
  text: string;
  /** How its document begins, where no passage has that: whom it is about often stands there only. */
  opening?: string | undefined;
  /** Headings above the passage, outermost first. */
  headings?: readonly string[] | undefined;
  /** Of its document, as ISO 639-1; undefined where that is unsure. */
  language?: string | undefined;
  charStart: number;
  charEnd: number;
  /** Comparable within one retrieval only. */
  score: number;
  /** Cosine similarity of question and passage; undefined without a vector. */
  similarity?: number | undefined;
}

export interface Citation {
  /** Counts from 1 within an answer; the text refers to it as `[n]`. */
  n: number;
  documentId: string;
  docId: string;
  chunkId: string;
  title: string | null;
  /** That the quote begins on. */
  page: number | null;
  charStart: number;
  charEnd: number;
  /** The document's own words from `charStart` to `charEnd` when `verified`. */
  quote: string;
  /** Whether the quote stands in the document; only such a one counts as support. */
  verified: boolean;
}

export interface AnswerRequest {
  question: string;
  /** Best first. */
  passages: readonly AnswerPassage[];
  /** Whose budget of the language model it is. */
  userId?: string | undefined;
  /** Nothing is shown before the whole answer is there. */
  whole?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

export type AnswerEvent =
  | { type: 'token'; text: string }
  /** Follows the token that holds its `[n]`. */
  | { type: 'citation'; citation: Citation }
  /** Always the last one. */
  | {
      type: 'done';
      supported: boolean;
      model: string;
      usage: LlmUsage | null;
      /** What was left out on the way, as stable codes. */
      degraded: readonly string[];
    };
