import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { EntrySums } from './entry-sums.js';
import {
  BackupError,
  END,
  FORMAT,
  HEAD,
  PARTS,
  PLAIN_NAME,
  type BackupEnd,
  type BackupHead,
} from './format.js';

/** Of the entries that tell about the archive. */
const MAX_JSON_BYTES = 64 * 1024;
const MAX_DEPTH = 16;

type Entry = AsyncIterable<Buffer> & { header: Header; resume(): unknown };

/** Takes what an archive holds, in its order. */
export interface ArchiveTarget {
  head(head: BackupHead): void;
  folder(name: string): Promise<void>;
  /** Has to take all of the content. */
  file(name: string, content: AsyncIterable<Buffer>): Promise<void>;
}

/**
 * Reads a backup from its first entry to its last, and compares it with what its end says. Names and kinds are checked
 * before the target hears of them.
 * @throws BackupError where it is damaged, not whole, or no backup; what `target` throws
 */
export async function readArchive(file: string, target: ArchiveTarget): Promise<BackupEnd> {
  const tar = extract();
  let unreadable: Error | undefined;
  const feeding = pipeline(
    fs.createReadStream(file),
    createGunzip(),
    async (source: AsyncIterable<Buffer>) => {
      for await (const chunk of source) if (!tar.write(chunk)) await once(tar, 'drain');
      tar.end(undefined);
    },
  ).catch((error: Error) => {
    unreadable = error;
    tar.destroy(error);
  });
  try {
    return await readEntries(tar as unknown as AsyncIterable<Entry>, target);
  } catch (error) {
    // An entry that is being read ends with an error of its own when what feeds it fails.
    const cause = unreadable ?? error;
    tar.destroy(cause as Error);
    throw meaning(cause, file);
  } finally {
    await feeding;
  }
}

async function readEntries(tar: AsyncIterable<Entry>, target: ArchiveTarget): Promise<BackupEnd> {
  const sums = new EntrySums();
  let begun = false;
  let end: BackupEnd | undefined;
  for await (const entry of tar) {
    const { type, size } = entry.header;
    const name = entry.header.name.replace(/\/$/, '');
    if (end) throw new BackupError('there is more behind its end');
    if (begun === (name === HEAD)) throw new BackupError('it is no backup of this software');
    if (name === END) {
      end = sums.end();
      const said = (await json(entry)) as BackupEnd;
      if (said.entries !== end.entries || said.bytes !== end.bytes || said.sha256 !== end.sha256)
        throw new BackupError('it does not hold what its end says');
    } else if (name === HEAD) {
      begun = true;
      const hash = createHash('sha256');
      const head = (await json(entry, (bytes) => hash.update(bytes))) as BackupHead;
      if (head.product !== 'ai-backend') throw new BackupError('it is no backup of this software');
      if (head.format !== FORMAT)
        throw new BackupError(
          `it has format ${head.format}, made by version ${head.version}: use that version`,
        );
      sums.add('file', name, size, hash.digest('hex'));
      target.head(head);
    } else if (!isOfBackup(name)) {
      throw new BackupError(`it holds a name that no backup has: ${JSON.stringify(name.slice(0, 100))}`);
    } else if (type === 'directory') {
      entry.resume();
      sums.add('directory', name);
      await target.folder(name);
    } else if (type === 'file') {
      const hash = createHash('sha256');
      await target.file(
        name,
        hashed(entry, (bytes) => hash.update(bytes)),
      );
      sums.add('file', name, size, hash.digest('hex'));
    } else {
      throw new BackupError(`it holds something that is neither file nor folder: ${name}`);
    }
  }
  if (!end) throw new BackupError('it is not whole: its end is missing');
  return end;
}

/** Plain names only, with nothing before or above the parts of a backup. */
function isOfBackup(name: string): boolean {
  const [part = '', ...below] = name.split('/');
  const isPart = (PARTS as readonly string[]).includes(part);
  return isPart && below.length <= MAX_DEPTH && below.every((each) => PLAIN_NAME.test(each));
}

async function* hashed(
  content: AsyncIterable<Buffer>,
  take: (bytes: Buffer) => void,
): AsyncGenerator<Buffer> {
  for await (const bytes of content) {
    take(bytes);
    yield bytes;
  }
}

async function json(entry: Entry, take: (bytes: Buffer) => void = () => undefined): Promise<object> {
  const { type, size } = entry.header;
  if (type !== 'file' || size > MAX_JSON_BYTES) throw new BackupError('it is no backup of this software');
  const parts: Buffer[] = [];
  for await (const bytes of hashed(entry, take)) parts.push(bytes);
  try {
    const value: unknown = JSON.parse(Buffer.concat(parts).toString());
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw new BackupError('it is no backup of this software');
}

function meaning(error: unknown, file: string): unknown {
  if (error instanceof BackupError) return new BackupError(`${file} cannot be used: ${error.message}`);
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (
    /^(Z_|ERR_STREAM_PREMATURE|ERR_BUFFER)/.test(code) ||
    /tar header|end of data|tar format/i.test(message)
  )
    return new BackupError(`${file} cannot be used: it is damaged (${message})`);
  return error;
}
