import { Logger } from '@nestjs/common';
import { NIL_UUID } from '../nil-uuid.js';
import { Upkeep } from '../upkeep.js';
import type { SecretBox } from './secret-box.js';

const PAGE = 200;

/** A stored secret and the id that it is bound to. */
export interface Sealed {
  id: string;
  sealed: Buffer;
}

/** Where sealed secrets are stored. */
export interface SealedStore {
  /** In the order of ids, from the one after `after`. */
  sealed(after: string, count: number): Promise<Sealed[]>;
  /** @returns false where it is another one meanwhile */
  reseal(before: Sealed, again: Buffer): Promise<boolean>;
}

/**
 * Seals with the current key what was sealed with the one before, so that this one is of no use any more. Not at the start
 * but every hour: in the first one, other processes have to read it that know the old key alone.
 */
export abstract class Resealing extends Upkeep {
  private readonly notes = new Logger('Secrets');

  /** @param what is sealed, for the log */
  constructor(
    private readonly store: SealedStore,
    private readonly box: SecretBox,
    private readonly what: string,
  ) {
    super();
  }

  override onApplicationBootstrap(): void {
    if (this.box.hasFormerKey) super.onApplicationBootstrap();
  }

  protected async tidy(): Promise<void> {
    let count = 0;
    for (let after = NIL_UUID, page: Sealed[]; (page = await this.store.sealed(after, PAGE)).length > 0;) {
      for (const { id, sealed } of page) {
        const again = this.box.sealedAgain(sealed, id);
        if (again && (await this.store.reseal({ id, sealed }, again))) count++;
      }
      after = page.at(-1)!.id;
    }
    if (count > 0)
      this.notes.log(`${count} ${this.what} are encrypted with the current DATA_ENCRYPTION_KEY now`);
  }
}
