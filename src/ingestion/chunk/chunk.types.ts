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
  /** Most tokens of `searchText`, special tokens included. */
  maxTokens: number;
}

/** Counts the encoder's tokens of a text, special tokens not included. */
export type TokenCounter = (text: string) => number;
