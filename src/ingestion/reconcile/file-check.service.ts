import { Injectable, Logger } from '@nestjs/common';
import { StorageService } from '../../storage/storage.service.js';
import { SHARDS } from '../../storage/storage.types.js';
import { ReconcileRepository } from './reconcile.repository.js';

/** Compares the file store with the versions, one of 256 parts at a time: memory stays bounded. */
@Injectable()
export class FileCheck {
  private readonly logger = new Logger('Reconcile');
  private unfinishedFails = false;

  constructor(
    private readonly repository: ReconcileRepository,
    private readonly storage: StorageService,
  ) {}

  /** The time by which files are young or old; undefined where the store is not ours or cannot be written. */
  async now(): Promise<Date | undefined> {
    if ((await this.storage.notOurs()) !== null) return undefined;
    return this.storage.now().catch((error: unknown) => {
      this.logger.warn(
        { err: error },
        'the file store does not tell its time, and nothing is removed from it',
      );
      return undefined;
    });
  }

  /**
   * Files without a version, as keys, and versions without their file, as ids.
   * @param before a file that is younger may be stored and have no row yet
   */
  async compare(before: Date, signal: AbortSignal): Promise<{ orphans: string[]; missing: string[] }> {
    const orphans: string[] = [];
    const missing: string[] = [];
    for (const shard of SHARDS) {
      signal.throwIfAborted();
      // The rows first: a file that comes meanwhile is young, one that goes is asked about again.
      const rows = await this.repository.filesOf(shard);
      const unknown: string[] = [];
      for await (const { key, modifiedAt } of this.storage.list(shard)) {
        if (rows.delete(key)) continue;
        if (modifiedAt < before) unknown.push(key);
      }
      if (unknown.length > 0) {
        const known = await this.repository.known(unknown);
        orphans.push(...unknown.filter((key) => !known.has(key)));
      }
      if (rows.size > 0) missing.push(...(await this.repository.kept([...rows.values()])));
    }
    return { orphans, missing };
  }

  /** Removes files, and what was left unfinished. @returns how many files went: none of a store that is not ours */
  async remove(keys: readonly string[], before: Date): Promise<number> {
    if ((await this.storage.notOurs()) !== null) return 0;
    const [undeleted, ...others] = await this.storage.delete(keys);
    if (undeleted)
      this.logger.error(
        { err: undeleted.cause },
        `${1 + others.length} files of no document cannot be deleted`,
      );
    await this.removeUnfinished(before);
    return keys.length - (undeleted ? 1 + others.length : 0);
  }

  /** Nothing else waits for it: a key of a bucket may lack the right to list unfinished uploads. */
  private async removeUnfinished(before: Date): Promise<void> {
    try {
      await this.storage.removeUnfinished(before);
      this.unfinishedFails = false;
    } catch (error) {
      if (!this.unfinishedFails)
        this.logger.error({ err: error }, 'what was left of unfinished uploads cannot be removed');
      this.unfinishedFails = true;
    }
  }
}
