import fs from 'node:fs/promises';
import path from 'node:path';
import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { Settings } from '../config/settings.js';

/** Asking the system for every request would be a call to the disk for each. */
const FRESH_MS = 1000;

/** Keeps room on the disk that holds the data directory: a full one stops the database as well. */
@Injectable()
export class DiskSpace {
  private seen: { free: number; until: number } = { free: Infinity, until: 0 };

  constructor(private readonly settings: Settings) {}

  /**
   * @param bytes about to be written, as far as it is known
   * @throws AppError `insufficient_storage` when less than MIN_FREE_BYTES would be left
   */
  require(bytes = 0): Promise<void> {
    return this.keep(this.settings.minFreeBytes, bytes);
  }

  /**
   * For work on what was accepted before: it may take half of the room that requests have to leave.
   * @throws AppError `insufficient_storage`
   */
  requireReserve(): Promise<void> {
    return this.keep(this.settings.minFreeBytes / 2, 0);
  }

  private async keep(least: number, bytes: number): Promise<void> {
    // Elsewhere are neither the files nor the database.
    if (!this.settings.embedded && this.settings.fileStore !== 'directory') return;
    if ((await this.free()) - bytes < least)
      throw new AppError('insufficient_storage', 'Less storage space is free than MIN_FREE_BYTES asks for.');
  }

  private async free(): Promise<number> {
    if (this.seen.until < Date.now()) {
      const { dataDir } = this.settings;
      // Files may have a disk of their own, and no folder before the first of them.
      const disks = await Promise.all([
        fs.statfs(dataDir),
        fs.statfs(path.join(dataDir, 'files')).catch(() => fs.statfs(dataDir)),
      ]);
      const free = Math.min(...disks.map(({ bavail, bsize }) => bavail * bsize));
      this.seen = { free, until: Date.now() + FRESH_MS };
    }
    return this.seen.free;
  }
}
