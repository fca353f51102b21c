import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { StoredFiles } from './stored-files.js';

describe('StoredFiles', () => {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'stored-'));
  afterAll(() => fs.rmSync(root, { recursive: true, force: true }));
  const write = (): string => {
    const name = randomUUID();
    const key = `${name.slice(0, 2)}/${name}`;
    fs.mkdirSync(path.join(root, name.slice(0, 2)), { recursive: true });
    fs.writeFileSync(path.join(root, key), name);
    return key;
  };
  /** Times of files are only as fine as the clock of the file system. */
  const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));

  it('are those of one moment, whoever changes their owner, mode or number of names afterwards', async () => {
    const [plain, changed, linked] = [write(), write(), write()];
    await tick();
    const files = StoredFiles.begin(root);
    await files.mark();
    await tick();
    const later = write();
    fs.chmodSync(path.join(root, changed), 0o640);
    fs.linkSync(path.join(root, linked), path.join(root, 'copy'));
    const keys: string[] = [];
    for await (const { key } of files.all()) keys.push(key);
    files.end();
    expect(keys.sort()).toEqual([plain, changed, linked].sort());
    expect(keys).not.toContain(later);
  });
});
