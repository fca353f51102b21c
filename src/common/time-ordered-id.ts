import { randomBytes } from 'node:crypto';

const MOST = 0xfff;
let last = { ms: 0, count: 0 };

/**
 * A UUID (version 7) that sorts behind all that this process made before it, also behind those of the same millisecond;
 * between processes the clock decides.
 */
export function timeOrderedId(): string {
  const ms = Date.now();
  if (ms > last.ms) last = { ms, count: 0 };
  else last = last.count < MOST ? { ms: last.ms, count: last.count + 1 } : { ms: last.ms + 1, count: 0 };
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(last.ms, 0, 6);
  bytes.writeUInt16BE(0x7000 | last.count, 6);
  randomBytes(8).copy(bytes, 8);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
