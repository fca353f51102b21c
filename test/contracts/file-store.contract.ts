import { createHash, randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import { Readable } from 'node:stream';
import { jest } from '@jest/globals';
import { buffer } from 'node:stream/consumers';
import type { FileStore } from '../../src/storage/file-store.port.js';
import type { FileEntry } from '../../src/storage/storage.types.js';

const MB = 1024 * 1024;

/** A stream of this many bytes in pieces, made on the way. */
function pieces(bytes: number, piece = 64 * 1024): { stream: Readable; content: () => Buffer } {
  const made: Buffer[] = [];
  const stream = Readable.from(
    (function* () {
      for (let left = bytes; left > 0; left -= piece) {
        const next = randomBytes(Math.min(piece, left));
        made.push(next);
        yield next;
      }
    })(),
    { objectMode: false },
  );
  return { stream, content: () => Buffer.concat(made) };
}

/** What every file store does, run by each adapter. */
export function describeFileStore(subject: () => FileStore): void {
  const put = (data: Buffer | string) => subject().put(Readable.from([Buffer.from(data)]), MB);
  const listed = async (): Promise<FileEntry[]> => {
    const found: FileEntry[] = [];
    for (let shard = 0; shard < 256; shard++)
      for await (const entry of subject().list(shard.toString(16).padStart(2, '0'))) found.push(entry);
    return found;
  };

  test('gives back what was put, with its size and hash', async () => {
    const stored = await put('Hällo');
    expect(stored).toMatchObject({ bytes: 6, sha256: createHash('sha256').update('Hällo').digest() });
    expect((await buffer(await subject().get(stored.key))).toString()).toBe('Hällo');
  });

  test('takes an empty file', async () => {
    const stored = await subject().put(Readable.from([]), MB);
    expect(stored.bytes).toBe(0);
    expect(await buffer(await subject().get(stored.key))).toHaveLength(0);
  });

  test('takes a file of many parts whole', async () => {
    const { stream, content } = pieces(13 * MB + 7);
    const stored = await subject().put(stream, 20 * MB);
    expect(stored.bytes).toBe(13 * MB + 7);
    const back = await buffer(await subject().get(stored.key));
    expect(back.equals(content())).toBe(true);
    expect(stored.sha256.equals(createHash('sha256').update(back).digest())).toBe(true);
  });

  test('reads a stream no faster than it stores it', async () => {
    let given = 0;
    const endless = new Readable({
      read() {
        given += 64 * 1024;
        this.push(Buffer.alloc(64 * 1024));
      },
    });
    await expect(subject().put(endless, 8 * MB)).rejects.toMatchObject({ code: 'payload_too_large' });
    expect(given).toBeLessThan(24 * MB);
    expect(endless.destroyed).toBe(true);
  });

  test.each([10, 7 * MB])('leaves nothing of a stream that breaks off after %i bytes', async (bytes) => {
    const before = await listed();
    const broken = Readable.from(
      (async function* () {
        yield randomBytes(bytes);
        await new Promise((resolve) => setImmediate(resolve));
        throw new Error('the client went away');
      })(),
      { objectMode: false },
    );
    await expect(subject().put(broken, 20 * MB)).rejects.toThrow('the client went away');
    expect(await listed()).toEqual(before);
  });

  test('refuses what is larger than allowed, to the byte, and leaves nothing', async () => {
    const before = (await listed()).length;
    await expect(subject().put(Readable.from([Buffer.alloc(11)]), 10)).rejects.toMatchObject({
      code: 'payload_too_large',
    });
    expect(await listed()).toHaveLength(before);
    expect((await subject().put(Readable.from([Buffer.alloc(10)]), 10)).bytes).toBe(10);
  });

  test('lends a local copy until it is released', async () => {
    const { key } = await put('for a reader');
    const { path, release } = await subject().local(key);
    expect(await fs.readFile(path, 'utf8')).toBe('for a reader');
    await release();
    expect((await buffer(await subject().get(key))).toString()).toBe('for a reader');
  });

  test.each([
    randomUUID(),
    `ab/${randomUUID()}`,
    '../../etc/passwd',
    '',
    `ab/../${randomUUID()}`,
    'ab/------------------------------------',
  ])('knows no file %p', async (key) => {
    await expect(subject().get(key)).rejects.toMatchObject({ code: 'not_found' });
    await expect(subject().local(key)).rejects.toMatchObject({ code: 'not_found' });
    expect(await subject().has(key)).toBe(false);
  });

  test('tells whether a file is there, without reading it', async () => {
    const { key } = await put('here');
    const read = jest.spyOn(subject(), 'get');
    try {
      expect(await subject().has(key)).toBe(true);
      await subject().delete([key]);
      expect(await subject().has(key)).toBe(false);
      expect(read).not.toHaveBeenCalled();
    } finally {
      read.mockRestore();
    }
  });

  test('lists whole files with their size, and deletes them once and for all', async () => {
    const kept = await put('kept');
    const [a, b] = [await put('a'), await put('bb')];
    const found = await listed();
    for (const file of [kept, a, b]) {
      const entry = found.find(({ key }) => key === file.key);
      expect(entry).toMatchObject({ bytes: file.bytes });
      expect(Math.abs((entry?.modifiedAt.getTime() ?? 0) - Date.now())).toBeLessThan(600_000);
    }
    expect(await subject().delete([a.key, b.key, `ab/${randomUUID()}`])).toEqual([]);
    expect(await subject().delete([a.key])).toEqual([]);
    const keys = (await listed()).map(({ key }) => key);
    expect(keys).toContain(kept.key);
    expect(keys).not.toContain(a.key);
    expect(keys).not.toContain(b.key);
    expect(await subject().delete([])).toEqual([]);
  });

  test('removes only what was left unfinished before a time', async () => {
    const { key } = await put('whole');
    await subject().removeUnfinished(new Date(Date.now() + 60_000));
    expect((await buffer(await subject().get(key))).toString()).toBe('whole');
  });

  test('keeps a mark of whose it is, which is no file', async () => {
    const before = await listed();
    expect(await subject().mark()).toBeUndefined();
    await subject().setMark('ours');
    expect(await subject().mark()).toBe('ours');
    await subject().setMark('theirs');
    expect(await subject().mark()).toBe('theirs');
    await subject().removeUnfinished(new Date(Date.now() + 60_000));
    expect(await subject().mark()).toBe('theirs');
    expect(await listed()).toEqual(before);
    await expect(subject().get('.installation')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('tells the time that its files have', async () => {
    const before = await listed();
    const { key } = await put('dated');
    const now = (await subject().now()).getTime();
    const dated = (await listed()).find((entry) => entry.key === key);
    // To the second, as buckets tell it.
    expect(Math.abs(now - (dated?.modifiedAt.getTime() ?? 0))).toBeLessThan(30_000);
    await subject().delete([key]);
    expect(await listed()).toEqual(before);
  });

  test('can be asked whether it works', async () => {
    await subject().ping();
  });
}
