import type { MetadataFilter } from '../common/filter/metadata-filter.js';

/** One generation of vectors: a model's output over all chunks. */
export interface VectorIndex {
  id: string;
  modelId: string;
  dimensions: number;
}

export interface VectorRecord {
  chunkId: string;
  versionId: string;
  documentId: string;
  collectionId: string;
  vector: Float32Array;
}

/** What a caller may see, as a predicate inside the query. */
export interface VectorQuery {
  topK: number;
  collectionIds: readonly string[];
  /** Further restricts to these documents; an empty list matches nothing. */
  documentIds?: readonly string[] | undefined;
  /** Further restricts to documents with such metadata. */
  filter?: MetadataFilter | undefined;
  /** Chunks whose distance is wanted whether they are near or not: saves another call for their `scores`. */
  include?: readonly string[] | undefined;
  /** `follow` was asked for this query: it counts as of then, and nothing more recent is looked for. */
  followed?: boolean | undefined;
}

export interface VectorHit {
  chunkId: string;
  documentId: string;
  versionId: string;
  /** Cosine distance, 0 to 2. */
  distance: number;
  /** Its place among the chunks to be included, -1 for one that is not: told of all hits of a query or of none. */
  includedAs?: number | undefined;
  /** Where `distance` is of a vector that was moved: that of the query itself, if the store could tell at no cost. */
  ownDistance?: number | undefined;
}

/**
 * A second look: documents are ranked by a first one together with what is known of them by words, and the query's
 * vector is moved towards the best passages of the best ones.
 */
export interface Feedback {
  /** Of the mean of the passages' vectors, added to the query's. */
  share: number;
  /** How many documents give a passage each. */
  documents: number;
  /** Nearest chunks of the first look. */
  topK: number;
  /** Found by words, with their scores; candidates of the first look whether they are near or not. */
  words: readonly { chunkId: string; documentId: string; score: number }[];
  /** What the other candidates are taken to have. */
  others: number;
  /** Share of the words' scores in the first look, 0 to 1. */
  wordsWeight: number;
}

export interface VersionCount {
  versionId: string;
  vectors: number;
}

/** An index as it is registered. */
export interface RegisteredIndex extends VectorIndex {
  store: string;
  state: 'building' | 'active' | 'retired';
  /** Answered before and stays, so that one can go back to it. */
  kept: boolean;
  /** The store lost it, or took the place of another one: until it is whole, it answers nothing. */
  lost: boolean;
}
