import type { Caller } from '../collections/collections.types.js';
import type { MetadataFilter } from '../common/filter/metadata-filter.js';
import type { PassageRow } from '../documents/documents.types.js';

export const RETRIEVAL_MODES = ['hybrid', 'dense', 'lexical'] as const;
export type RetrievalMode = (typeof RETRIEVAL_MODES)[number];
export const GROUPINGS = ['none', 'document'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface RetrievalRequest {
  caller: Caller;
  query: string;
  /** Passages, or documents when grouped by them. */
  limit: number;
  mode?: RetrievalMode | undefined;
  groupBy?: Grouping | undefined;
  filter?: MetadataFilter | undefined;
  collectionIds?: readonly string[] | undefined;
  documentIds?: readonly string[] | undefined;
  signal?: AbortSignal | undefined;
  /** Passages that are word for word a better one are left out; else those that nearly are come last. */
  distinct?: boolean | undefined;
  /** Nobody gets to see the passages: they are not recorded as shown. */
  unseen?: boolean | undefined;
}

export interface RetrievedPassage extends PassageRow {
  /** Comparable within one answer only. */
  score: number;
  /** Cosine distance, 0 to 2; null without a vector. */
  distance: number | null;
}

export interface Retrieval {
  passages: RetrievedPassage[];
  mode: RetrievalMode;
  /** What was left out, as stable codes; empty when everything took part. */
  degraded: string[];
  tookMs: number;
}
