import { createHash } from 'node:crypto';
import type { BackupEnd } from './format.js';

/** Adds up what went into an archive, or came out of one: both sides have to come to the same. */
export class EntrySums {
  private readonly all = createHash('sha256');
  private entries = 0;
  private bytes = 0;

  add(kind: 'file' | 'directory', name: string, bytes = 0, sha256 = ''): void {
    this.all.update(`${kind} ${bytes} ${sha256} ${name}\n`);
    this.entries++;
    this.bytes += bytes;
  }

  end(): BackupEnd {
    return { entries: this.entries, bytes: this.bytes, sha256: this.all.digest('hex') };
  }
}
