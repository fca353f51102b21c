import type { RunGate } from '../../../common/threads/run-gate.js';

export interface RerankerWorkerData {
  /** Absolute folder in the layout of transformers.js. */
  modelDir: string;
  gate: RunGate;
}

export interface ScoreRequest {
  id: number;
  query: string;
  texts: readonly string[];
  /** Of `performance.timeOrigin + performance.now()`, which all threads share. */
  deadline: number;
}

export type ToReranker =
  ({ type: 'score' } & ScoreRequest) | { type: 'cancel'; id: number } | { type: 'stop' };

/** Every request is answered exactly once; `scores` undefined means late or cancelled. */
export type FromReranker =
  | { type: 'ready' }
  | { type: 'unusable'; detail: string }
  | { type: 'scored'; id: number; scores: number[] | undefined; computeMs: number }
  | { type: 'failed'; id: number; detail: string };
