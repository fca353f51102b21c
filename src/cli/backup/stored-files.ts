import fs from 'node:fs/promises';
import path from 'node:path';
import { dropRemoved, keepRemoved, removedDir } from '../../storage/removed-files.js';

const SHARD = /^[0-9a-f]{2}$/;
const NAME = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MARK = 'copied-until';

export interface StoredFileOnDisk {
  /** Below the folder of files, with `/`. */
  key: string;
  path: string;
  /** Where it is when it was removed while the backup was made. */
  removedPath: string;
}

/**
 * The files of documents as they were at one moment, although they come and go: what is removed is kept until the
 * backup has it, and what came after the moment is left out. A file never changes.
 */
export class StoredFiles {
  private until = 0;

  private constructor(private readonly root: string) {}

  /** Begins to keep what is removed. Call it before the moment. */
  static begin(root: string): StoredFiles {
    keepRemoved(root);
    return new StoredFiles(root);
  }

  /** That moment is now. Its time is that of the file system, whose clock may not be ours. */
  async mark(): Promise<void> {
    const mark = path.join(removedDir(this.root), MARK);
    await fs.writeFile(mark, '', { mode: 0o600 });
    this.until = (await fs.stat(mark)).ctimeMs;
  }

  async *all(): AsyncGenerator<StoredFileOnDisk> {
    const given = new Set<string>();
    for (const shard of (await fs.readdir(this.root)).filter((name) => SHARD.test(name)))
      for (const name of await fs.readdir(path.join(this.root, shard))) {
        if (!NAME.test(name) || !name.startsWith(shard)) continue;
        const file = this.named(name);
        const found = await fs.stat(file.path).catch(() => undefined);
        // Another owner, mode or name changes the one time, a copy with its times the other: both are later for a new one.
        if (found && Math.min(found.ctimeMs, found.mtimeMs) > this.until) continue;
        given.add(name);
        yield file;
      }
    for (const name of await fs.readdir(removedDir(this.root))) {
      if (!NAME.test(name) || given.has(name)) continue;
      const file = this.named(name);
      // Its removal was a change as well: when it was written is what counts.
      const found = await fs.stat(file.removedPath);
      if (found.mtimeMs <= this.until) yield file;
    }
  }

  end(): void {
    dropRemoved(this.root);
  }

  private named(name: string): StoredFileOnDisk {
    const key = `${name.slice(0, 2)}/${name}`;
    return { key, path: path.join(this.root, key), removedPath: path.join(removedDir(this.root), name) };
  }
}
