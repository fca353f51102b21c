import type { Entry, ZipFile } from 'yauzl';
import { decodeText } from '../encoding.js';
import { ExtractError } from '../extract-error.js';
import type { InnerFile, ReadFormat } from '../extract.types.js';
import { MIME } from '../mime.js';
import { TextBuilder } from '../text-builder.js';
import { innerName, isJunk, UniqueNames } from './inner-name.js';
import { checkZip, openZip, unpack } from './zip-guard.js';

/** Files of an archive or a mail that become documents. */
export const MOST_FILES = 1000;
const UTF8_FLAG = 0x0800;
const FILE_KIND = 0o170000;
const SYMLINK = 0o120000;

/** Whether the attributes of a Unix file system call it a link: what it points to is never followed. */
const isLink = (entry: Entry): boolean => ((entry.externalFileAttributes >>> 16) & FILE_KIND) === SYMLINK;

function nameOf(entry: Entry): string {
  const raw = entry.fileNameRaw;
  return innerName((entry.generalPurposeBitFlag & UTF8_FLAG) !== 0 ? raw.toString('utf8') : decodeText(raw));
}

async function* unpackAll(bytes: Uint8Array, names: ReadonlyMap<number, string>): AsyncGenerator<InnerFile> {
  const zip: ZipFile = await openZip(bytes);
  for await (const entry of zip.eachEntry()) {
    const name = names.get(entry.relativeOffsetOfLocalHeader);
    if (name === undefined) continue;
    const content = await unpack(zip, entry).catch((error: unknown) => {
      if (error instanceof RangeError) throw error;
      throw new ExtractError('document_corrupt');
    });
    yield { name, mime: null, bytes: content };
  }
}

/**
 * The files in an archive, which become documents of their own; its own text is the list of their names. Folders,
 * links, empty files and what operating systems leave behind are passed over.
 * @throws ExtractError `document_encrypted`, `document_corrupt`, `document_too_large`, `document_no_text`.
 */
export async function extractZip(bytes: Uint8Array): Promise<ReadFormat> {
  const unique = new UniqueNames();
  const names = new Map<number, string>();
  for (const entry of await checkZip(bytes)) {
    const name = nameOf(entry);
    const isFolder = entry.fileNameRaw.at(-1) === 0x2f;
    if (isFolder || entry.uncompressedSize === 0 || name === '' || isJunk(name) || isLink(entry)) continue;
    if (entry.isEncrypted()) throw new ExtractError('document_encrypted');
    // Several entries may share their bytes: that is how small archives become huge.
    if (names.has(entry.relativeOffsetOfLocalHeader)) throw new ExtractError('document_corrupt');
    names.set(entry.relativeOffsetOfLocalHeader, unique.take(name));
    if (names.size > MOST_FILES)
      throw new ExtractError(
        'document_too_large',
        `An archive may hold at most ${MOST_FILES} files. Split it into smaller ones.`,
      );
  }
  if (names.size === 0) throw new ExtractError('document_no_text', 'The archive holds no files.');
  const out = new TextBuilder();
  for (const name of names.values()) out.add('list_item', `- ${name}`);
  return {
    text: out.toString(),
    blocks: out.blocks,
    title: null,
    mime: MIME.zip,
    pages: null,
    files: unpackAll(bytes, names),
  };
}
