import type { Level } from './level.js';

/** BM25 of one term, for whatever frequency and length. */
export interface Formula {
  level: Level;
  factor: number;
  constant: number;
  slope: number;
}

export const worth = ({ factor, constant, slope }: Formula, frequency: number, length: number): number =>
  (factor * frequency) / (frequency + constant + slope * length);
