import type { Readable } from 'node:stream';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { ExtractError } from '../extract-error.js';

const MOST_ENTRIES = 10_000;
/** Of all entries together, as the archive's directory gives them. */
export const MAX_UNPACKED_BYTES = 256 * 1024 * 1024;
/** Deflate reaches 1032; texts and tables of real files stay far below this. */
const MOST_INFLATION = 250;
/** Archives that unpack to less may be inflated as they like. */
const HARMLESS_BYTES = 32 * 1024 * 1024;
const LARGEST_PART = 8 * 1024 * 1024;

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/** @throws ExtractError `document_corrupt` */
export async function openZip(bytes: Uint8Array): Promise<ZipFile> {
  // Names stay bytes: whoever shows them decodes and cleans them, and none is ever used as a path.
  return yauzl.fromBufferPromise(bufferOf(bytes), { lazyEntries: true, decodeStrings: false }).catch(() => {
    throw new ExtractError('document_corrupt');
  });
}

/**
 * Adds up an archive's directory before anything is unpacked.
 * @throws ExtractError `document_corrupt` or `document_too_large`.
 */
export async function checkZip(bytes: Uint8Array): Promise<Entry[]> {
  const zip = await openZip(bytes);
  const entries: Entry[] = [];
  let unpacked = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      unpacked += entry.uncompressedSize;
      entries.push(entry);
      if (entries.length > MOST_ENTRIES || unpacked > MAX_UNPACKED_BYTES)
        throw new ExtractError('document_too_large');
    }
  } catch (error) {
    throw error instanceof ExtractError ? error : new ExtractError('document_corrupt');
  }
  if (unpacked > HARMLESS_BYTES && unpacked > bytes.length * MOST_INFLATION)
    throw new ExtractError('document_too_large');
  return entries;
}

/** The bytes of an entry, checked against the size that the directory gives while they are inflated. */
export async function unpack(zip: ZipFile, entry: Entry): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const stream: Readable = await zip.openReadStreamPromise(entry);
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Text of one small file in an archive that was checked; undefined where it is missing, large or damaged. */
export async function readEntry(bytes: Uint8Array, name: string): Promise<string | undefined> {
  const zip = await openZip(bytes);
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileNameRaw.toString('latin1') !== name) continue;
      return entry.uncompressedSize > LARGEST_PART ? undefined : (await unpack(zip, entry)).toString();
    }
  } catch {
    // What depends on it goes without.
  }
  return undefined;
}
