/** Pairs of neighbouring words are kept as numbers below this, which other pairs have too: for the ranking that is chance among chances. */
const PAIR_BITS = 16;
export const PAIRS = 1 << PAIR_BITS;

function hashOf(term: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < term.length; i++) hash = Math.imul(hash ^ term.charCodeAt(i), 0x01000193);
  return hash;
}

/** The number of two neighbouring terms, in either order: "flow of heat" and "heat flow" mean the same. */
export function pairNumber(a: string, b: string): number {
  return mixed(hashOf(a), hashOf(b));
}

function mixed(a: number, b: number): number {
  let hash = Math.imul(a ^ b, 0x85ebca6b) ^ Math.imul((a + b) | 0, 0xc2b2ae35);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  hash ^= hash >>> 13;
  return (hash >>> 0) & (PAIRS - 1);
}

/** Numbers of all neighbours in a sequence of terms: one fewer than terms. */
export function pairNumbers(terms: readonly string[]): Uint16Array {
  const pairs = new Uint16Array(Math.max(0, terms.length - 1));
  let before = terms.length > 0 ? hashOf(terms[0]!) : 0;
  for (let i = 1; i < terms.length; i++) {
    const next = hashOf(terms[i]!);
    pairs[i - 1] = mixed(before, next);
    before = next;
  }
  return pairs;
}
