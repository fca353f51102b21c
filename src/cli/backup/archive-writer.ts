import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';
import { syncFolder } from '../../common/sync-folder.js';
import { EntrySums } from './entry-sums.js';
import { BackupError, END, HEAD, type BackupHead } from './format.js';

const READ_BYTES = 256 * 1024;
/** Pages of a database get four times smaller at once; harder work gains little. */
const GZIP_LEVEL = 1;

/** A tar archive, compressed, that is there under its name only when it is whole. It is readable by its owner alone. */
export class ArchiveWriter {
  private readonly tar: Pack = pack();
  private readonly sums = new EntrySums();
  private readonly flow: Promise<void>;
  private readonly broken: Promise<never>;

  private constructor(
    private readonly target: string,
    private readonly draft: string,
    out: fs.WriteStream,
  ) {
    this.flow = pipeline(this.tar as AsyncIterable<Buffer>, createGzip({ level: GZIP_LEVEL }), out);
    this.broken = this.flow.then(() => new Promise<never>(() => undefined));
    this.broken.catch(() => undefined);
  }

  /** @throws BackupError where the target is there already, or nothing can be written there */
  static async create(target: string, head: BackupHead): Promise<ArchiveWriter> {
    if (fs.existsSync(target)) throw new BackupError(`${target} is there already`);
    const draft = `${target}.partial`;
    const out = fs.createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true });
    try {
      await once(out, 'open');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST')
        throw new BackupError(`${draft} is left of a backup that did not come to its end: remove it`);
      throw new BackupError(`${target} cannot be written: ${(error as Error).message}`);
    }
    const writer = new ArchiveWriter(target, draft, out);
    await writer.entry(HEAD, Buffer.from(`${JSON.stringify(head, null, 2)}\n`));
    return writer;
  }

  async addFolder(name: string): Promise<void> {
    await this.settled((done) => this.tar.entry({ name: `${name}/`, type: 'directory', mode: 0o700 }, done));
    this.sums.add('directory', name);
  }

  async addText(name: string, text: string): Promise<void> {
    await this.entry(name, Buffer.from(text));
  }

  /**
   * Adds a file as long as it is now: one that grows is cut, one that shrinks is filled up with zeros. The database
   * mends both from its log.
   * @returns its bytes, or undefined where there is no such file (any more)
   */
  async addFile(name: string, file: string): Promise<number | undefined> {
    const handle = await fs.promises.open(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (!handle) return undefined;
    try {
      const { size } = await handle.stat();
      await this.stream(name, size, async (write) => {
        let left = size;
        while (left > 0) {
          const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(Math.min(READ_BYTES, left)));
          if (bytesRead === 0) break;
          left -= bytesRead;
          await write(buffer.subarray(0, bytesRead));
        }
        for (; left > 0; left -= Math.min(READ_BYTES, left))
          await write(Buffer.alloc(Math.min(READ_BYTES, left)));
      });
      return size;
    } finally {
      await handle.close();
    }
  }

  /** Gives it its name. @returns its bytes @throws BackupError where something else has the name by now */
  async finish(): Promise<number> {
    await this.entry(END, Buffer.from(`${JSON.stringify(this.sums.end())}\n`));
    this.tar.finalize();
    await this.flow;
    const { size } = await fs.promises.stat(this.draft);
    try {
      // Unlike a rename it never takes the place of a file.
      await fs.promises.link(this.draft, this.target);
      await fs.promises.rm(this.draft);
    } catch (error) {
      if (fs.existsSync(this.target) && (error as NodeJS.ErrnoException).code === 'EEXIST')
        throw new BackupError(`${this.target} is there already`);
      // Some file systems know no links.
      await fs.promises.rename(this.draft, this.target);
    }
    await syncFolder(path.dirname(this.target));
    return size;
  }

  /** Leaves nothing behind. */
  async abandon(): Promise<void> {
    this.tar.destroy(new Error('given up'));
    await this.flow.catch(() => undefined);
    await fs.promises.rm(this.draft, { force: true });
  }

  private entry(name: string, content: Buffer): Promise<void> {
    return this.stream(name, content.length, (write) => write(content));
  }

  private async stream(
    name: string,
    size: number,
    fill: (write: (bytes: Buffer) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    const hash = createHash('sha256');
    let entry: ReturnType<Pack['entry']> | undefined;
    const written = this.settled((done) => (entry = this.tar.entry({ name, size, mode: 0o600 }, done)));
    written.catch(() => undefined);
    // One that broke takes no entry any more; why, it tells a moment later.
    if (!entry) return await this.broken;
    const opened = entry;
    // It breaks with the archive, which tells.
    opened.on('error', () => undefined);
    await fill(async (bytes) => {
      hash.update(bytes);
      if (!opened.write(bytes)) await Promise.race([once(opened, 'drain'), this.broken]);
    });
    opened.end(undefined);
    await written;
    if (name !== END) this.sums.add('file', name, size, hash.digest('hex'));
  }

  private settled(begin: (done: (error?: Error | null) => void) => void): Promise<void> {
    const done = new Promise<void>((resolve, reject) =>
      begin((error) => (error ? reject(error) : resolve())),
    );
    return Promise.race([done, this.broken]);
  }
}
