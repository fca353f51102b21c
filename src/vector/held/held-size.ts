import { ROW_ALIGNMENT } from './dot-kernel.js';
import { ROW_ID_BYTES } from './held-hits.js';

const LIVE_BYTES = 1;

/** Bytes that so many vectors take in memory, about. */
export const bytesOf = (vectors: number, dimensions: number): number =>
  vectors * (Math.ceil((dimensions * 2) / ROW_ALIGNMENT) * ROW_ALIGNMENT + ROW_ID_BYTES + LIVE_BYTES);
