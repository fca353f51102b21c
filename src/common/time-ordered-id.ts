import { randomUUID } from 'node:crypto';

const MOST = 0xfff;
/** Where the variant of a UUID begins: from there on, versions 4 and 7 are made alike. */
const RANDOM_FROM = 19;
let last = { ms: 0, count: 0 };

/**
 * A UUID (version 7) that sorts behind all that this process made before it, also behind those of the same millisecond;
 * between processes the clock decides.
 */
export function timeOrderedId(): string {
  const ms = Date.now();
  if (ms > last.ms) last = { ms, count: 0 };
  else last = last.count < MOST ? { ms: last.ms, count: last.count + 1 } : { ms: last.ms + 1, count: 0 };
  const time = last.ms.toString(16).padStart(12, '0');
  const count = last.count.toString(16).padStart(3, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count}-${randomUUID().slice(RANDOM_FROM)}`;
}
