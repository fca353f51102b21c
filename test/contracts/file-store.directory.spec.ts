import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { DirectoryFileStore } from '../../src/storage/adapters/directory/directory-store.js';
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
});
