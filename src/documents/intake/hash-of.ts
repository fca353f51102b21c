import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { AppError } from '../../common/errors/app-error.js';

/**
 * The SHA-256 of bytes that are not kept.
 * @throws AppError `payload_too_large` beyond so many bytes
 */
export async function hashOf(content: Readable, maxBytes: number): Promise<Buffer> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new AppError('payload_too_large', `A file may hold ${maxBytes} bytes.`);
    hash.update(chunk);
  }
  return hash.digest();
}
