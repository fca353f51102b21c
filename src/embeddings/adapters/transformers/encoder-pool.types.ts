import type { EncodeItem } from './encoder.messages.js';

export interface Job {
  vectors: Float32Array[];
  left: number;
  settled: boolean;
  resolve(vectors: Float32Array[]): void;
  reject(reason: unknown): void;
}

/** One text of a request on its way through a thread. */
export interface PoolItem extends EncodeItem {
  /** Estimated tokens. */
  cost: number;
  attempts: number;
  position: number;
  job: Job;
}
