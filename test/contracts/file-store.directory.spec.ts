import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { DirectoryFileStore } from '../../src/storage/adapters/directory/directory-store.js';
import { FileUnreadable } from '../../src/storage/storage.types.js';
import { dropRemoved, keepRemoved, removedDir } from '../../src/storage/removed-files.js';
import { describeFileStore } from './file-store.contract.js';

describe('files in a directory', () => {
  let dir: string;
  let root: string;
  let store: DirectoryFileStore;

  beforeAll(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'files-'));
    root = path.join(dir, 'files');
    store = new DirectoryFileStore(root);
  });
  afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

  describeFileStore(() => store);

  const drafts = (): string[] => fs.readdirSync(path.join(root, 'incoming'));

  test('are readable by nobody else, and no draft stays behind', async () => {
    const { key } = await store.put(Readable.from([Buffer.from('private')]), 100);
    expect(fs.statSync(path.join(root, key)).mode & 0o777).toBe(0o600);
    expect(fs.statSync(path.dirname(path.join(root, key))).mode & 0o777).toBe(0o700);
    expect(drafts()).toEqual([]);
  });

  test('a draft of a process that ended goes once it is old', async () => {
    const draft = path.join(root, 'incoming', 'left-behind');
    fs.writeFileSync(draft, 'half');
    await store.removeUnfinished(new Date(Date.now() - 60_000));
    expect(drafts()).toEqual(['left-behind']);
    await store.removeUnfinished(new Date(Date.now() + 60_000));
    expect(drafts()).toEqual([]);
  });

  test('a folder that cannot be written is a typed failure, and works again once it can', async () => {
    const blocked = path.join(dir, 'blocked');
    fs.writeFileSync(blocked, 'a file where the folder should be');
    const other = new DirectoryFileStore(path.join(blocked, 'files'));
    const put = () => other.put(Readable.from([Buffer.from('x')]), 10);
    await expect(put()).rejects.toMatchObject({ code: 'file_store_unavailable', status: 503 });
    fs.rmSync(blocked);
    expect((await put()).bytes).toBe(1);
  });

  test('a folder that is gone says nothing about single files, and no other is made in its place', async () => {
    const disk = path.join(dir, 'disk');
    const other = new DirectoryFileStore(disk);
    const { key } = await other.put(Readable.from([Buffer.from('x')]), 10);
    fs.renameSync(disk, `${disk}.away`);
    const down = { code: 'file_store_unavailable', status: 503 };
    await expect(other.put(Readable.from([Buffer.from('y')]), 10)).rejects.toMatchObject(down);
    await expect(other.get(key)).rejects.toMatchObject(down);
    await expect(other.local(key)).rejects.toMatchObject(down);
    await expect(other.has(key)).rejects.toMatchObject(down);
    await expect(other.delete([key])).rejects.toMatchObject(down);
    await expect(other.list(key.slice(0, 2))[Symbol.asyncIterator]().next()).rejects.toMatchObject(down);
    await expect(other.removeUnfinished(new Date())).rejects.toMatchObject(down);
    await expect(other.ping()).rejects.toMatchObject(down);
    await expect(other.mark()).rejects.toMatchObject(down);
    await expect(other.setMark('ours')).rejects.toMatchObject(down);
    await expect(other.now()).rejects.toMatchObject(down);
    expect(fs.existsSync(disk)).toBe(false);
    fs.renameSync(`${disk}.away`, disk);
    expect(await text(await other.get(key))).toBe('x');
    await other.delete([key]);
    await expect(other.get(key)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('a folder that comes back while a file is looked for has the file', async () => {
    const disk = path.join(dir, 'flickering');
    const other = new DirectoryFileStore(disk);
    const { key } = await other.put(Readable.from([Buffer.from('x')]), 10);
    const internals = other as unknown as { requireFolder(): Promise<void> };
    const look = internals.requireFolder.bind(other);
    for (const read of [() => other.get(key), () => other.local(key)]) {
      fs.renameSync(disk, `${disk}.away`);
      internals.requireFolder = async () => {
        // Between the look for the file and that for its folder.
        fs.renameSync(`${disk}.away`, disk);
        await look();
      };
      const found = await read();
      if ('destroy' in found) found.destroy();
      else await found.release();
    }
    internals.requireFolder = look;
    await other.delete([key]);
    await expect(other.get(key)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('one file that cannot be opened is told from a folder that cannot', async () => {
    const { key } = await store.put(Readable.from([Buffer.from('x')]), 10);
    const file = path.join(root, key);
    fs.rmSync(file);
    // Whoever the process runs as: a link to itself leads nowhere.
    fs.symlinkSync(file, file);
    await expect(store.get(key)).rejects.toBeInstanceOf(FileUnreadable);
    await expect(store.local(key)).rejects.toBeInstanceOf(FileUnreadable);
    await expect(store.has(key)).rejects.toBeInstanceOf(FileUnreadable);
    await store.ping();
    fs.unlinkSync(file);
    fs.renameSync(root, `${root}.away`);
    const gone = await store.get(key).catch((error: unknown) => error);
    expect(gone).toMatchObject({ code: 'file_store_unavailable' });
    expect(gone).not.toBeInstanceOf(FileUnreadable);
    fs.renameSync(`${root}.away`, root);
  });

  test('one file that cannot be deleted keeps no other', async () => {
    const put = async (): Promise<string> => (await store.put(Readable.from([Buffer.from('x')]), 10)).key;
    const [before, stuck, behind] = [await put(), await put(), await put()];
    const file = path.join(root, stuck);
    fs.rmSync(file);
    // Whoever the process runs as: a folder is not deleted as a file is.
    fs.mkdirSync(path.join(file, 'folder'), { recursive: true });
    const undeleted = await store.delete([before, stuck, behind]);
    expect(undeleted).toEqual([{ key: stuck, cause: expect.objectContaining({ code: 'ERR_FS_EISDIR' }) }]);
    for (const key of [before, behind])
      await expect(store.get(key)).rejects.toMatchObject({ code: 'not_found' });
    fs.rmSync(file, { recursive: true });
    expect(await store.delete([stuck])).toEqual([]);
  });

  (process.platform === 'linux' ? test : test.skip)(
    'a file system that is read-only is a typed failure',
    async () => {
      const other = new DirectoryFileStore('/sys/files-of-documents');
      const put = other.put(Readable.from([Buffer.from('x')]), 10);
      await expect(put).rejects.toMatchObject({ code: 'file_store_unavailable', status: 503 });
    },
  );

  test('what is removed while a backup is made is kept until it has been copied', async () => {
    const { key } = await store.put(Readable.from([Buffer.from('copied late')]), 100);
    keepRemoved(root);
    await store.delete([key]);
    await expect(store.get(key)).rejects.toMatchObject({ code: 'not_found' });
    const kept = path.join(removedDir(root), path.basename(key));
    expect(fs.readFileSync(kept, 'utf8')).toBe('copied late');
    dropRemoved(root);
    expect(fs.existsSync(kept)).toBe(false);
  });
});
