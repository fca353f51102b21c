import type { EmbeddingKind } from '../../embeddings.types.js';

/** A run of token ids, special tokens included, that the model reads at once. */
export interface Window {
  /** The text it belongs to. */
  task: number;
  kind: EmbeddingKind;
  urgent: boolean;
  ids: readonly number[];
  /** Share in the mean of its text. */
  weight: number;
  /** Number of windows of its text. */
  siblings: number;
}

export interface WindowLimits {
  clsId: number;
  sepId: number;
  /** Ids of the prefix that stands in front of every window. */
  prefix: readonly number[];
  maxTokens: number;
}

/**
 * Cuts the tokens of a text into as few windows as the limit allows, all about equally long: a short remainder
 * would count little in the mean and say nothing on its own.
 */
export function splitWindows(
  body: readonly number[],
  limits: WindowLimits,
): { ids: number[]; weight: number }[] {
  const room = limits.maxTokens - 2 - limits.prefix.length;
  const parts = Math.max(1, Math.ceil(body.length / room));
  return Array.from({ length: parts }, (_, i) => {
    const part = body.slice(
      Math.floor((i * body.length) / parts),
      Math.floor(((i + 1) * body.length) / parts),
    );
    return { ids: [limits.clsId, ...limits.prefix, ...part, limits.sepId], weight: Math.max(1, part.length) };
  });
}

const rank = ({ kind, urgent }: Window): number => (kind === 'query' ? 0 : urgent ? 1 : 2);

/** Queries first, and of these short ones before long; then urgent passages, then others, in the order they came. */
function next(pool: readonly Window[]): Window | undefined {
  let first: Window | undefined;
  for (const window of pool) {
    const before = first ? rank(window) - rank(first) : -1;
    if (before < 0 || (before === 0 && window.kind === 'query' && window.siblings < first!.siblings))
      first = window;
  }
  return first;
}

/**
 * Takes from the pool what is run next: a query by itself, since one is as quick for its tokens as several that have
 * to be padded to one length; or the passage whose turn it is and those as urgent nearest in length, as long as
 * count × longest stays within `budget` tokens. At least one, whatever its length.
 */
export function takeBatch(pool: Window[], budget: number): Window[] {
  const first = next(pool);
  if (!first) return [];
  const length = first.ids.length;
  // Passages come only where no query is left.
  const others = (first.kind === 'query' ? [] : pool)
    .filter((w) => w !== first && w.urgent === first.urgent)
    .sort((a, b) => Math.abs(a.ids.length - length) - Math.abs(b.ids.length - length));
  const batch = [first];
  let longest = length;
  for (const window of others) {
    const padded = Math.max(longest, window.ids.length);
    if ((batch.length + 1) * padded > budget) break;
    batch.push(window);
    longest = padded;
  }
  const taken = new Set(batch);
  let kept = 0;
  for (const window of pool) if (!taken.has(window)) pool[kept++] = window;
  pool.length = kept;
  return batch;
}
