import yauzl from 'yauzl';
import { ExtractError } from '../extract-error.js';

const MOST_ENTRIES = 10_000;
/** Of all entries together, as the archive's directory gives them. */
export const MAX_UNPACKED_BYTES = 256 * 1024 * 1024;

/**
 * Adds up an archive's directory before anything is unpacked.
 * @throws ExtractError `document_corrupt` or `document_too_large`.
 */
export async function checkZip(bytes: Uint8Array): Promise<void> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const zip = await yauzl.fromBufferPromise(buffer, { lazyEntries: true }).catch(() => {
    throw new ExtractError('document_corrupt');
  });
  let entries = 0;
  let unpacked = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      unpacked += entry.uncompressedSize;
      if (++entries > MOST_ENTRIES || unpacked > MAX_UNPACKED_BYTES)
        throw new ExtractError('document_too_large');
    }
  } catch (error) {
    throw error instanceof ExtractError ? error : new ExtractError('document_corrupt');
  }
}
