import { pipeline, Transform, type Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import { Settings } from '../../config/settings.js';
import { StorageService } from '../../storage/storage.service.js';
import type { StoredFile } from '../../storage/storage.types.js';

/** How much of one file goes by before the free space is looked at again. */
const LOOK_EVERY = 4 * 1024 * 1024;

/**
 * Files that came in and belong to no document yet. They count against the quota while they come: uploads that
 * are left open, or run side by side, take no more of the disk than documents may. Each process counts its own; what
 * becomes a document is counted by the database.
 */
@Injectable()
export class IncomingFiles {
  private readonly byUser = new Map<string, number>();
  private readonly held = new Map<string, { userId: string; bytes: number; at: number }>();

  constructor(
    private readonly storage: StorageService,
    private readonly settings: Settings,
  ) {}

  /**
   * Refuses before anything was read what could not be accepted.
   * @param bytes of the whole request, where it says so
   */
  requireSpace(bytes: number | undefined): Promise<void> {
    return this.storage.requireSpace(bytes);
  }

  /**
   * Stores the bytes of one file, and counts them until `settle`.
   * @param limit bytes that this user may have on their way
   * @param maxBytes bytes of this file
   * @throws AppError `quota_exceeded`, and those of `StorageService.put`
   */
  async store(userId: string, content: Readable, limit: number, maxBytes?: number): Promise<StoredFile> {
    let counted = 0;
    let looked = 0;
    const release = (): void => {
      this.add(userId, -counted);
      counted = 0;
    };
    const counting = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        counted += chunk.length;
        if (this.add(userId, chunk.length) > limit) {
          // At once: what another upload has to leave is free for the others.
          release();
          return done(
            new AppError('quota_exceeded', 'Your uploads together would exceed what you may keep.'),
          );
        }
        if (counted - looked < LOOK_EVERY) return done(null, chunk);
        looked = counted;
        this.storage.requireSpace().then(() => done(null, chunk), done);
      },
    });
    // Whoever stores it hears of each failure from the stream itself.
    pipeline(content, counting, () => undefined);
    try {
      const stored = await this.storage.put(counting, maxBytes);
      this.held.set(stored.key, { userId, bytes: counted, at: performance.now() });
      return stored;
    } catch (error) {
      counting.destroy();
      release();
      throw error;
    }
  }

  async discard(files: readonly { stored: StoredFile }[]): Promise<void> {
    try {
      await this.storage.delete(files.map((file) => file.stored.key));
    } finally {
      this.settle(files);
    }
  }

  /**
   * A file that nobody owns for RECONCILE_GRACE is taken for an orphan and removed, by any process: no document is made of
   * one that is near it.
   * @throws AppError `payload_too_large`
   */
  requireFresh(files: readonly { stored: StoredFile }[]): void {
    const oldest = performance.now() - (this.settings.reconcileGrace * 1000) / 2;
    if (files.some(({ stored }) => (this.held.get(stored.key)?.at ?? Infinity) < oldest))
      throw new AppError(
        'payload_too_large',
        'It took too long until all files were there. Send fewer of them in one request.',
      );
  }

  /** These files belong to documents now, by which the database counts them. */
  settle(files: readonly { stored: StoredFile }[]): void {
    for (const { key } of files.map((file) => file.stored)) {
      const held = this.held.get(key);
      if (held && this.held.delete(key)) this.add(held.userId, -held.bytes);
    }
  }

  private add(userId: string, bytes: number): number {
    const sum = (this.byUser.get(userId) ?? 0) + bytes;
    if (sum > 0) this.byUser.set(userId, sum);
    else this.byUser.delete(userId);
    return sum;
  }
}
