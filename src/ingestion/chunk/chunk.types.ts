/** A passage cut from a document: what is embedded, ranked and cited. */
export interface Chunk {
  ordinal: number;
  /** Exactly `text.slice(charStart, charEnd)` of the document. */
  text: string;
  /** Title and headings in front of the passage: what the encoder is given. */
  searchText: string;
  charStart: number;
  charEnd: number;
  page: number | null;
  headingPath: string[];
  /** Of `searchText`, special tokens included; never above the encoder's limit. */
  tokenCount: number;
}

export interface ChunkOptions {
  title: string | null;
  /** Most tokens of `searchText`, special tokens included. At least 32. */
  maxTokens: number;
  /** Tokens of `searchText` that passages are packed up to; 220 unless told, where the encoder takes that many. */
  targetTokens?: number | undefined;
}

/** Counts the encoder's tokens of a text, special tokens not included. */
export type TokenCounter = (text: string) => number;

/** A chunk without its words, which are the document's: what crosses between threads. */
export interface ChunkSpan {
  charStart: number;
  charEnd: number;
  page: number | null;
  headingPath: string[];
  /** What `searchText` has in front of the passage, its line end included. */
  prefix: string;
  tokenCount: number;
}
