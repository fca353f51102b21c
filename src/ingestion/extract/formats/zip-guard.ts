import type { Readable } from 'node:stream';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { ExtractError } from '../extract-error.js';
import { MIME } from '../mime.js';

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

/** Texts of small files in an archive that was checked, by name; without those that are missing, large or damaged. */
export async function readEntries(
  bytes: Uint8Array,
  names: ReadonlySet<string>,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const zip = await openZip(bytes);
  try {
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileNameRaw.toString('latin1');
      if (names.has(name) && entry.uncompressedSize <= LARGEST_PART)
        found.set(name, (await unpack(zip, entry)).toString());
    }
  } catch {
    // What depends on the rest goes without.
  }
  return found;
}

export const readEntry = async (bytes: Uint8Array, name: string): Promise<string | undefined> =>
  (await readEntries(bytes, new Set([name]))).get(name);

/** Parts that tell which program packed an archive, where nothing at its beginning does. */
const MAIN_PARTS: Record<string, string> = {
  'word/document.xml': MIME.docx,
  'ppt/presentation.xml': MIME.pptx,
  'xl/workbook.xml': MIME.xlsx,
  'xl/workbook.bin': MIME.xlsb,
};

/** The office format of an archive that does not say it at its beginning; undefined for what is just an archive. */
export async function packedType(bytes: Uint8Array): Promise<string | undefined> {
  try {
    let seen = 0;
    for await (const entry of (await openZip(bytes)).eachEntry()) {
      const name = entry.fileNameRaw.toString('latin1');
      if (Object.hasOwn(MAIN_PARTS, name)) return MAIN_PARTS[name];
      if (++seen > MOST_ENTRIES) return undefined;
    }
  } catch {
    // Said by whoever reads it.
  }
  return undefined;
}
