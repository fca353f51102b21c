import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import { HashingProcess, HashingProcessLost } from './hashing-process.js';
import type { HashingCost, HashingTask } from './hashing.types.js';
import {
  MAX_PASSWORD_BYTES,
  normalPassword,
  PasswordPolicy,
  type PasswordOwner,
} from './password-policy.service.js';
import { Slots } from '../../common/resilience/slots.js';

/** OWASP's recommendation for argon2id: 19 MiB, two passes, one lane. */
const PARAMETERS: HashingCost = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 };
/** As many as processors that most servers have; each takes 19 MiB meanwhile. */
const CONCURRENT_HASHES = 2;
/** About two seconds of work on two cores. */
const WAITING_HASHES = 100;

/** The process may have been ended for want of memory; a new one gets the task again. */
const ATTEMPTS = 2;

/** A stored hash that asks for more than this was not written by us, and checking it could exhaust memory. */
const LIMITS: HashingCost = { memoryCost: 256 * 1024, timeCost: 10, parallelism: 4 };

/** Salt and digest are bounded, too. */
const HASH = /^\$argon2id\$v=19\$((?:,?[mtp]=\d{1,7}){3})\$[\w+/]{11,86}\$[\w+/]{16,86}$/;

/** argon2id in a process of its own; the event loop stays free. Passwords are compared in Unicode's NFC form. */
@Injectable()
export class PasswordHasher {
  private readonly slots = new Slots(CONCURRENT_HASHES, WAITING_HASHES);
  private readonly decoy = newDecoy();

  constructor(
    private readonly policy: PasswordPolicy,
    private readonly hashing: HashingProcess,
  ) {}

  /** @throws AppError `weak_password` before any work is done, `service_unavailable` when too many hashes wait. */
  async hashNew(password: string, owner: PasswordOwner, field?: string): Promise<string> {
    this.policy.check(password, owner, field);
    return this.hash(password);
  }

  /** @throws AppError `service_unavailable` when too many hashes wait, or the process for them dies again and again. */
  hash(password: string): Promise<string> {
    return this.work<string>({ kind: 'hash', password: normalPassword(password), cost: PARAMETERS });
  }

  /**
   * Whether the password belongs to the hash. Without a hash it takes as long and says no, so that time does not
   * tell whether an account exists.
   * @throws AppError as `hash`
   */
  async verify(hash: string | undefined, password: string): Promise<boolean> {
    const normal = normalPassword(password);
    // Longer than any that was accepted: no reason to hash it, and none to be faster.
    const possible = Buffer.byteLength(normal) <= MAX_PASSWORD_BYTES;
    const known = possible && hash !== undefined && isBounded(hash);
    const matches = await this.work<boolean>({
      kind: 'verify',
      hash: known ? hash : this.decoy,
      password: possible ? normal : '',
    });
    return matches && known;
  }

  /** Made with less work than is asked for today. */
  isOutdated(hash: string): boolean {
    const used = parametersOf(hash);
    return !used || used.memoryCost < PARAMETERS.memoryCost || used.timeCost < PARAMETERS.timeCost;
  }

  private work<Result extends string | boolean>(task: HashingTask): Promise<Result> {
    return this.slots.run(async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await this.hashing.run<Result>(task);
        } catch (error) {
          if (!(error instanceof HashingProcessLost)) throw error;
          if (attempt < ATTEMPTS) continue;
          throw new AppError('service_unavailable', 'Passwords cannot be checked at the moment. Try again.', {
            cause: error,
          });
        }
      }
    });
  }
}

/** Of no password: checked with as much work as a real one. */
function newDecoy(): string {
  const { memoryCost, timeCost, parallelism } = PARAMETERS;
  const [salt, digest] = [16, 32].map((bytes) => randomBytes(bytes).toString('base64').replace(/=+$/, ''));
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${salt}$${digest}`;
}

/** Implementations differ in the order of the parameters. */
function parametersOf(hash: string): HashingCost | undefined {
  const listed = HASH.exec(hash)?.[1]?.split(',') ?? [];
  const { m, t, p } = Object.fromEntries(listed.map((pair) => pair.split('='))) as Record<string, string>;
  if (m === undefined || t === undefined || p === undefined) return undefined;
  return { memoryCost: Number(m), timeCost: Number(t), parallelism: Number(p) };
}

function isBounded(hash: string): boolean {
  const used = parametersOf(hash);
  if (!used) return false;
  return (Object.keys(LIMITS) as (keyof HashingCost)[]).every((key) => used[key] <= LIMITS[key]);
}
