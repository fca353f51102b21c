import { unzipSync, zipSync } from 'fflate';

/** Numbers from 0 (included) to 1 that are the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Bytes = Uint8Array<ArrayBuffer>;
type Damage = (bytes: Bytes, next: () => number) => Bytes;

const at = (bytes: Bytes, next: () => number): number => Math.floor(next() * bytes.length);
const join = (...parts: Uint8Array[]): Bytes => new Uint8Array(Buffer.concat(parts));
const noise = (length: number, next: () => number): Bytes => Uint8Array.from({ length }, () => next() * 256);

function range(bytes: Bytes, next: () => number): [from: number, to: number] {
  const from = at(bytes, next);
  return [from, Math.min(bytes.length, from + 1 + Math.floor(next() ** 3 * Math.min(bytes.length, 20_000)))];
}

const KINDS: Damage[] = [
  // Single bytes.
  (bytes, next) => {
    const copy = bytes.slice();
    for (let n = 1 + Math.floor(next() * 60); n > 0; n--) copy[at(copy, next)] = next() * 256;
    return copy;
  },
  // Single bits, near the beginning, where headers are.
  (bytes, next) => {
    const copy = bytes.slice();
    for (let n = 1 + Math.floor(next() * 8); n > 0; n--)
      copy[Math.floor(next() * Math.min(copy.length, 600))]! ^= 1 << (next() * 8);
    return copy;
  },
  // The rest is missing.
  (bytes, next) => bytes.slice(0, 1 + at(bytes, next)),
  // The beginning is missing.
  (bytes, next) => bytes.slice(at(bytes, next)),
  // Something in the middle is missing, zeros, noise, twice there.
  (bytes, next) => {
    const [from, to] = range(bytes, next);
    return join(bytes.subarray(0, from), bytes.subarray(to));
  },
  (bytes, next) => bytes.slice().fill(0, ...range(bytes, next)),
  (bytes, next) => {
    const [from, to] = range(bytes, next);
    return join(bytes.subarray(0, from), noise(to - from, next), bytes.subarray(to));
  },
  (bytes, next) => {
    const [from, to] = range(bytes, next);
    return join(bytes.subarray(0, to), bytes.subarray(from, to), bytes.subarray(to));
  },
  // Numbers that are as large as they can be.
  (bytes, next) => {
    const copy = bytes.slice();
    for (let n = 1 + Math.floor(next() * 4); n > 0; n--) {
      const from = at(copy, next);
      copy.fill(0xff, from, from + 4);
    }
    return copy;
  },
];

const pick = <T>(list: readonly T[], next: () => number): T => list[Math.floor(next() * list.length)]!;

/**
 * A damaged copy of a file, the same for the same seed. Half of the archives are damaged inside and packed again,
 * so that what reads their parts meets the damage, and not only what unpacks them.
 */
export function damaged(original: Uint8Array, seed: number): Uint8Array {
  const bytes = Uint8Array.from(original);
  const next = random(seed);
  const damage = pick(KINDS, next);
  if (bytes[0] === 0x50 && bytes[1] === 0x4b && next() < 0.5) {
    const files = unzipSync(bytes);
    const names = Object.keys(files).filter((name) => files[name]!.length > 0);
    const name = pick(names, next);
    files[name] = damage(Uint8Array.from(files[name]!), next);
    return zipSync(files);
  }
  return damage(bytes, next);
}
