import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { BriefCache } from '../common/resilience/brief-cache.js';
import { Settings } from '../config/settings.js';
import { FileStore } from './file-store.port.js';
import { OwnershipRepository, type Installation } from './ownership.repository.js';
import { NotOurStore, SHARDS } from './storage.types.js';

/** How long an answer holds for what adds files, and for who asks how things are. */
const HOLDS_MS = 2000;
const AT_ONCE = 16;
const ADOPT = '"npm run files:adopt" (in the image: node dist/cli/adopt-files.js)';

/**
 * Tells the store of this database from any other. To a database that is new, older or another one, all that the store
 * holds is nobody's, and to a store that is another one all that the database removes is a file of somebody else: while
 * they do not belong together, the store is only read.
 */
@Injectable()
export class StoreOwnership implements OnApplicationBootstrap {
  private readonly logger = new Logger('Files');
  private readonly known = new BriefCache<string | null>(HOLDS_MS);
  private said: string | null = null;

  constructor(
    private readonly store: FileStore,
    private readonly repository: OwnershipRepository,
    private readonly settings: Settings,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const looked = this.reason().catch(() => undefined);
    // A bucket that does not answer must not hold up the start: it is looked at again when it is used.
    if (this.settings.fileStore === 'directory') await looked;
  }

  /**
   * Why the store is not taken for that of this database; null where it is. As it was at most two seconds ago.
   * @throws AppError `file_store_unavailable` where the store does not say
   */
  reason(): Promise<string | null> {
    return this.known.get('', () => this.look());
  }

  /** @throws NotOurStore; AppError `file_store_unavailable` */
  async require(): Promise<void> {
    const reason = await this.reason();
    if (reason !== null) throw new NotOurStore(reason);
  }

  /** As `require`, by a look at the store at this moment: for what cannot be taken back. */
  requireNow(): Promise<void> {
    this.known.clear();
    return this.require();
  }

  private async look(): Promise<string | null> {
    const installation = await this.repository.installation();
    const { id } = installation;
    const mark = await this.store.mark();
    const other = mark === id ? null : 'it is marked as the store of another database';
    let reason = mark === undefined ? await this.claim(installation) : other;
    // Another process may have marked it, and added to it, meanwhile.
    if (reason !== null && mark === undefined && (await this.store.mark()) === id) reason = null;
    this.tell(reason);
    return reason;
  }

  /** Of a store without a mark: an earlier version left none, nor does a copy of the files alone. */
  private async claim({ id, claims_files }: Installation): Promise<string | null> {
    const keys = await this.repository.someKeys();
    if (keys.length === 0) {
      if (!(await this.isEmpty())) return 'it holds files, and the database knows none';
    } else {
      if (!claims_files) return 'the database is a restored copy, whose files may be those of the original';
      if (!(await this.holdsOneOf(keys))) return 'none of the files that the database knows are in it';
    }
    await this.store.setMark(id).catch((error: unknown) => {
      // It is ours all the same: only what is deleted makes room for the mark.
      if (!(error instanceof AppError && error.code === 'insufficient_storage')) throw error;
    });
    return null;
  }

  private async isEmpty(): Promise<boolean> {
    for (let i = 0; i < SHARDS.length; i += AT_ONCE) {
      const some = await Promise.all(
        SHARDS.slice(i, i + AT_ONCE).map((shard) => this.has(shard, () => true)),
      );
      if (some.includes(true)) return false;
    }
    return true;
  }

  /** By the list: an archived object cannot be read, and is there. */
  private async holdsOneOf(keys: readonly string[]): Promise<boolean> {
    const wanted = new Set(keys);
    for (const shard of new Set(keys.map((key) => key.slice(0, 2))))
      if (await this.has(shard, (key) => wanted.has(key))) return true;
    return false;
  }

  private async has(shard: string, isWanted: (key: string) => boolean): Promise<boolean> {
    for await (const { key } of this.store.list(shard)) if (isWanted(key)) return true;
    return false;
  }

  private tell(reason: string | null): void {
    if (reason === this.said) return;
    this.said = reason;
    if (reason === null) this.logger.log('the file store is that of this database');
    else
      this.logger.error(
        `the file store is not taken for that of this database: ${reason}. Nothing is removed from it or added to it ` +
          `until the right one is in its place, or ${ADOPT} gives it to this database`,
      );
  }
}
