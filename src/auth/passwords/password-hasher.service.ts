import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import argon2 from 'argon2';
import {
  MAX_PASSWORD_BYTES,
  normalPassword,
  PasswordPolicy,
  type PasswordOwner,
} from './password-policy.service.js';
import { Slots } from './slots.js';

/** OWASP's recommendation for argon2id: 19 MiB, two passes, one lane. */
const PARAMETERS = { type: argon2.argon2id, memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 } as const;
/** libuv has four threads by default; files and names of hosts need the others. */
const CONCURRENT_HASHES = 2;
/** About two seconds of work on two cores. */
const WAITING_HASHES = 100;

/** A stored hash that asks for more than this was not written by us, and checking it could exhaust memory. */
const LIMITS = { memoryCost: 256 * 1024, timeCost: 10, parallelism: 4 };

/** Salt and digest are bounded, too. */
const HASH = /^\$argon2id\$v=19\$((?:,?[mtp]=\d{1,7}){3})\$[\w+/]{11,86}\$[\w+/]{16,86}$/;

interface Parameters {
  memoryCost: number;
  timeCost: number;
  parallelism: number;
}

/** argon2id on libuv's threads; the event loop stays free. Passwords are compared in Unicode's NFC form. */
@Injectable()
export class PasswordHasher {
  private readonly slots = new Slots(CONCURRENT_HASHES, WAITING_HASHES);
  private decoy: Promise<string> | undefined;

  constructor(private readonly policy: PasswordPolicy) {}

  /** @throws AppError `weak_password` before any work is done, `service_unavailable` when too many hashes wait. */
  async hashNew(password: string, owner: PasswordOwner, field?: string): Promise<string> {
    this.policy.check(password, owner, field);
    return this.hash(password);
  }

  /** @throws AppError `service_unavailable` when too many hashes wait. */
  hash(password: string): Promise<string> {
    return this.slots.run(() => argon2.hash(normalPassword(password), PARAMETERS));
  }

  /**
   * Whether the password belongs to the hash. Without a hash it takes as long and says no, so that time does not
   * tell whether an account exists.
   * @throws AppError `service_unavailable` when too many hashes wait.
   */
  async verify(hash: string | undefined, password: string): Promise<boolean> {
    const normal = normalPassword(password);
    // Longer than any that was accepted: no reason to hash it, and none to be faster.
    const possible = Buffer.byteLength(normal) <= MAX_PASSWORD_BYTES;
    const known = possible && hash !== undefined && isBounded(hash);
    const against = known ? hash : await this.decoyHash();
    const matches = await this.slots.run(() => argon2.verify(against, possible ? normal : ''));
    return matches && known;
  }

  /** Made with less work than is asked for today. */
  isOutdated(hash: string): boolean {
    const used = parametersOf(hash);
    return !used || used.memoryCost < PARAMETERS.memoryCost || used.timeCost < PARAMETERS.timeCost;
  }

  private decoyHash(): Promise<string> {
    return (this.decoy ??= argon2.hash(randomBytes(32), PARAMETERS));
  }

  async onModuleInit(): Promise<void> {
    await this.decoyHash();
  }
}

/** Implementations differ in the order of the parameters. */
function parametersOf(hash: string): Parameters | undefined {
  const listed = HASH.exec(hash)?.[1]?.split(',') ?? [];
  const { m, t, p } = Object.fromEntries(listed.map((pair) => pair.split('='))) as Record<string, string>;
  if (m === undefined || t === undefined || p === undefined) return undefined;
  return { memoryCost: Number(m), timeCost: Number(t), parallelism: Number(p) };
}

function isBounded(hash: string): boolean {
  const used = parametersOf(hash);
  if (!used) return false;
  return (Object.keys(LIMITS) as (keyof Parameters)[]).every((key) => used[key] <= LIMITS[key]);
}
