import { createHash, randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import {
  IdempotencyStore,
  type HeldRequest,
  type IdempotentRequest,
} from '../common/http/idempotency.port.js';
import { Settings } from '../config/settings.js';
import { IdempotencyRepository, type KeyId, type KeyRow } from './idempotency.repository.js';
import { SealedAnswers } from './sealed-answers.js';

const KEEP_SECONDS = 86_400;
/** How long a lost process blocks a key; a living one extends its hold. */
const LOCK_SECONDS = 30;
const EXTEND_MS = 10_000;
const MAX_LOOKS = 5;

/** Keys in the database: whichever process a request meets knows what became of it. */
@Injectable()
export class IdempotencyService extends IdempotencyStore implements OnApplicationBootstrap {
  private readonly logger = new Logger('Idempotency');
  private readonly sealed: SealedAnswers;

  constructor(
    private readonly repository: IdempotencyRepository,
    private readonly settings: Settings,
  ) {
    super();
    const previous = settings.refreshSecretPrevious;
    this.sealed = new SealedAnswers([settings.refreshSecret, ...(previous ? [previous] : [])]);
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.settings.embedded) await this.repository.releaseAll();
  }

  isAnswered(request: Pick<IdempotentRequest, 'userId' | 'key'>): Promise<boolean> {
    return this.repository.isAnswered(idOf(request));
  }

  async begin(request: IdempotentRequest): Promise<{ held: HeldRequest } | { answer: unknown }> {
    const id = idOf(request);
    const taken = await this.take(id, request.fingerprint);
    if ('held' in taken) return taken;
    requireSame(taken.found, request);
    if (taken.found.answer) return this.open(taken.found.answer, id);
    throw inFlight();
  }

  async beginUnread(request: IdempotentRequest): Promise<{ held: HeldRequest } | 'answered'> {
    const taken = await this.take(idOf(request), request.fingerprint);
    if ('held' in taken) return taken;
    if (taken.found.answer) return 'answered';
    requireSame(taken.found, request);
    throw inFlight();
  }

  private async take(id: KeyId, fingerprint: Buffer): Promise<{ held: HeldRequest } | { found: KeyRow }> {
    const claim = randomUUID();
    const values = {
      fingerprint,
      claim,
      seed: randomUUID(),
      lockSeconds: LOCK_SECONDS,
      keepSeconds: KEEP_SECONDS,
    };
    for (let look = 1; look <= MAX_LOOKS; look++) {
      const taken = await this.repository.take(id, values);
      if (taken) return { held: this.hold(id, claim, seedOf(id, fingerprint, taken.seed)) };
      const found = await this.repository.find(id);
      // Unless it was let go in between.
      if (found) return { found };
    }
    throw inFlight();
  }

  private open(sealed: Buffer, id: KeyId): { answer: unknown } {
    const opened = this.sealed.open(sealed, contextOf(id));
    if (!opened)
      throw new AppError('conflict', 'This request was answered, but the answer can no longer be read.');
    return opened;
  }

  private hold(id: KeyId, claim: string, seed: string): HeldRequest {
    let ids = 0;
    const extending = setInterval(() => {
      this.repository
        .extend(id, claim, LOCK_SECONDS)
        .catch((error: unknown) => this.logger.warn({ err: error }, 'a key could not be held any longer'));
    }, EXTEND_MS).unref();
    return {
      nextId: () => this.sealed.id(`${seed} ${ids++}`),
      complete: async (answer, whole) => {
        clearInterval(extending);
        await this.repository.answer(id, claim, this.sealed.seal(answer, contextOf(id)), whole);
      },
      release: async () => {
        clearInterval(extending);
        await this.repository.release(id, claim);
      },
    };
  }
}

function requireSame(found: KeyRow, { fingerprint }: IdempotentRequest): void {
  if (!found.fingerprint.equals(fingerprint))
    throw new AppError(
      'idempotency_key_reused',
      'This Idempotency-Key came with another request before. Use a new key for each request.',
    );
}

const inFlight = (): AppError =>
  new AppError('idempotency_in_flight', 'The same request is still being worked on. Try again.', {
    retryAfter: 1,
  });

const idOf = ({ userId, key }: Pick<IdempotentRequest, 'userId' | 'key'>): KeyId => ({
  userId,
  keyHash: createHash('sha256').update(key).digest(),
});

const contextOf = (id: KeyId): string => `${id.userId} ${id.keyHash.toString('hex')}`;

/** @param drawn by whoever took the key first; null where that was a process of a version that drew none */
const seedOf = (id: KeyId, fingerprint: Buffer, drawn: string | null): string =>
  [contextOf(id), fingerprint.toString('hex'), ...(drawn === null ? [] : [drawn])].join(' ');
