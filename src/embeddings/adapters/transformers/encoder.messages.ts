import type { EmbeddingKind } from '../../embeddings.types.js';
import type { EncoderModel } from '../../models.types.js';
import type { RunGate } from '../../../common/threads/run-gate.js';

export interface EncoderWorkerData {
  /** Absolute folder in the layout of transformers.js. */
  modelDir: string;
  model: EncoderModel;
  gate: RunGate;
  /** Added to the thread's niceness where the system keeps one per thread. */
  niceness: number;
}

export interface EncodeItem {
  id: number;
  kind: EmbeddingKind;
  /** Goes before other passages. */
  urgent: boolean;
  text: string;
}

export type ToEncoder =
  { type: 'embed'; items: EncodeItem[] } | { type: 'cancel'; ids: number[] } | { type: 'stop' };

/** Every item is answered exactly once: with its vector, as dropped after a cancellation, or as failed. */
export type FromEncoder =
  | { type: 'ready' }
  | { type: 'unusable'; detail: string }
  /** `vectors` holds the vectors of `ids` one after another. */
  | { type: 'vectors'; ids: number[]; vectors: Float32Array }
  | { type: 'dropped'; ids: number[] }
  | { type: 'failed'; ids: number[]; detail: string };
