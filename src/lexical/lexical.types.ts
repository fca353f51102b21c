import type { MetadataFilter } from '../common/filter/metadata-filter.js';

/** One chunk as the lexical index takes it in; a version's chunks come together. */
export interface LexicalChunk {
  chunkId: string;
  /** The passage itself. */
  text: string;
  /** Headings above the passage, outermost first. */
  headingPath: readonly string[];
}

export interface LexicalDocument {
  documentId: string;
  versionId: string;
  collectionId: string;
  /** Scored as a field of its own; counted once for a document however many chunks it has. */
  title: string | null;
  /** Scored apart from all that is in the document; null for what came without a file. */
  fileName: string | null;
  /** ISO 639-1 code that chooses the stemmer; English when unknown. */
  language?: string | undefined;
  chunks: readonly LexicalChunk[];
}

export interface LexicalScope {
  collectionIds: readonly string[];
  /** Further restricts to these documents; an empty list matches nothing. */
  documentIds?: readonly string[] | undefined;
  /** Further restricts to documents with such metadata. */
  filter?: MetadataFilter | undefined;
}

export interface LexicalQuery extends LexicalScope {
  topK: number;
  /** `chunk` ranks passages; `document` ranks whole documents (frequencies summed before saturation). */
  level: 'chunk' | 'document';
  /** Of the query; without it, words are looked up in every language of the index. */
  language?: string | undefined;
}

export interface LexicalHit {
  documentId: string;
  versionId: string;
  /** The passage, or for `document` level the best passage of the document: one in any case. */
  chunkIds: string[];
  /** BM25 and what neighbouring words add to it, positive. */
  score: number;
  /** How many of the query's quoted phrases and rare identifiers it holds word for word; such hits come first. */
  exact?: number | undefined;
}

/** Where the stored index and the documents that are shown differ. */
export interface LexicalDifference {
  /** Versions that are shown and cannot be found by all of their words: ids. */
  missing: string[];
  /** Versions that nobody can see and that the index does not know to be gone: ids. */
  orphans: string[];
}

export interface LexicalScoreOptions {
  /** What the ids name, and what is scored. */
  level: 'chunk' | 'document';
  language?: string | undefined;
  /** Saves a look at what was committed since this process's last query: for a search that goes on from its hits. */
  asOfLastQuery?: boolean | undefined;
}
