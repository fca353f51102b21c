/** Where a model stands and how it is to be run. */
export interface RerankerOptions {
  /** Folder in the layout of transformers.js. */
  modelDir: string;
  modelId: string;
}

/** What scoring took and gave. */
export interface Scored {
  /** Higher is more relevant, in the order of the texts; undefined when the deadline came first. */
  scores: number[] | undefined;
  /** Milliseconds of computation, also of what was thrown away. */
  computeMs: number;
}

/** Scores, or the code that says why there are none. */
export type Reranked =
  | { scores: number[] }
  /** `reranker_unavailable`: not loaded; `reranker_busy`: no computing time left; `reranker_late`: not in time. */
  | { skipped: 'reranker_unavailable' | 'reranker_busy' | 'reranker_late' };

export type RerankerState =
  { state: 'none' } | { state: 'ready' } | { state: 'loading' | 'failed'; detail: string };
