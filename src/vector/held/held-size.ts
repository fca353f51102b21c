import { MOST_BYTES, ROW_ALIGNMENT } from './dot-kernel.js';
import { ROW_ID_BYTES } from './held-hits.js';

const LIVE_BYTES = 1;

const rowBytes = (dimensions: number): number => Math.ceil((dimensions * 2) / ROW_ALIGNMENT) * ROW_ALIGNMENT;

/** Bytes that so many vectors take in memory, about. */
export const bytesOf = (vectors: number, dimensions: number): number =>
  vectors * (rowBytes(dimensions) + ROW_ID_BYTES + LIVE_BYTES);

/** Whether one memory can have so many, however much is allowed. */
export const fitOneMemory = (vectors: number, dimensions: number, mostBytes = MOST_BYTES): boolean =>
  vectors * rowBytes(dimensions) <= mostBytes;
