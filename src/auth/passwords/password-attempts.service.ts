import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import { addressKey } from '../../common/security/address.js';
import { AttemptCounter, type Admission, type CounterRules } from './attempt-counter.js';
import { AttemptsRepository } from './attempts.repository.js';
import type { Refund } from './refund.types.js';

const DAY = 86_400;

/** About 120 guesses a day at an account, from anywhere together. */
const ACCOUNT: CounterRules = { name: 'account', free: 10, window: DAY, firstWait: 5, longestWait: 900 };
/** One device that the account's owner has used before; counted apart, so that nobody else can slow it down. */
const DEVICE: CounterRules = { ...ACCOUNT, name: 'device' };
/** An office is one address. */
const ADDRESS: CounterRules = { name: 'address', free: 50, window: DAY, firstWait: 5, longestWait: 300 };

export interface AttemptOrigin {
  /** What names the account, also one that does not exist. */
  account: string;
  /** Only when it has signed in to this account before. */
  knownDevice: string | undefined;
  ip: string | null;
}

/** An attempt that was counted and may now be made. Call one of the two, or neither when the password was wrong. */
export interface CountedAttempt {
  succeeded(): Promise<void>;
  /** What `succeeded` does, for whoever does it together with something else. */
  readonly refund: Refund;
  /** It was not made after all. */
  undone(): Promise<void>;
  /** Others have to wait now, the next one longer. */
  readonly beganWait: boolean;
}

interface Reserved {
  counter: AttemptCounter;
  key: string;
  admission: Admission;
}

interface Planned {
  counter: AttemptCounter;
  key: string;
  /** Whether a free attempt was taken; undefined when that was not tried yet. */
  free?: boolean;
}

/** Addresses without free attempts that are remembered. */
const MAX_BUSY = 10_000;

/**
 * Bounds how often passwords can be guessed, by account, by known device of an account, and by address. Counted in
 * the database before any work is done, so parallel attempts and other processes see each other.
 */
@Injectable()
export class PasswordAttempts {
  private readonly accounts: AttemptCounter;
  private readonly devices: AttemptCounter;
  private readonly addresses: AttemptCounter;
  private readonly busyAddresses = new Set<string>();

  constructor(private readonly repository: AttemptsRepository) {
    this.accounts = new AttemptCounter(ACCOUNT, repository.limiter);
    this.devices = new AttemptCounter(DEVICE, repository.limiter);
    this.addresses = new AttemptCounter(ADDRESS, repository.limiter);
  }

  /** @throws AppError `too_many_requests` with the time to wait, the same whether or not the account exists. */
  async reserve({ account, knownDevice, ip }: AttemptOrigin): Promise<CountedAttempt> {
    const plan =
      knownDevice === undefined
        ? await this.fromAnywhere(addressKey(ip ?? undefined), keyOf(account))
        : [{ counter: this.devices, key: keyOf(`${account} ${knownDevice}`) }];
    const reserved: Reserved[] = [];
    for (const [index, { counter, key, free }] of plan.entries()) {
      const admission = await counter.reserve(key, free);
      if (counter === this.addresses) this.noteAddress(key, admission);
      if (typeof admission === 'number') {
        // Also what was taken for counters that are not asked any more.
        for (const taken of plan.slice(index + 1))
          if (taken.free) reserved.push({ ...taken, admission: 'free' });
        await this.giveBack(refundOf(reserved));
        throw new AppError(
          'too_many_requests',
          `Too many attempts. Wait ${admission} s before the next one.`,
          {
            retryAfter: admission,
          },
        );
      }
      reserved.push({ counter, key, admission });
    }
    const [first] = reserved;
    // Only the device starts afresh: whoever owns one account must not wash away guesses at others by signing in.
    const refund =
      knownDevice === undefined || !first
        ? refundOf(reserved)
        : { decrement: [], delete: first.counter.all(first.key) };
    return {
      beganWait: reserved.some(({ admission }) => admission === 'turn'),
      undone: () => this.giveBack(refundOf(reserved)),
      refund,
      succeeded: () => this.giveBack(refund),
    };
  }

  /**
   * The address first: one that may not go on must not fill the table with accounts. Where it could go on the last time,
   * both are asked at once.
   */
  private async fromAnywhere(address: string, account: string): Promise<Planned[]> {
    const both = [
      { counter: this.addresses, key: address },
      { counter: this.accounts, key: account },
    ] as const;
    if (this.busyAddresses.has(address)) return [...both];
    const [ofAccount, ofAddress] = await this.repository.both(
      () => this.accounts.takeFree(account),
      () => this.addresses.takeFree(address),
    );
    return [
      { ...both[0], free: ofAddress },
      { ...both[1], free: ofAccount },
    ];
  }

  private noteAddress(key: string, admission: Admission | number): void {
    if (admission === 'free') this.busyAddresses.delete(key);
    else {
      if (this.busyAddresses.size >= MAX_BUSY) this.busyAddresses.clear();
      this.busyAddresses.add(key);
    }
  }

  async giveBack(refund: Refund): Promise<void> {
    if (refund.delete.length > 0) await this.repository.delete(refund.delete);
    if (refund.decrement.length > 0) await this.repository.decrement(refund.decrement);
  }
}

function refundOf(reserved: readonly Reserved[]): Refund {
  const undone = reserved.map(({ counter, key, admission }) => counter.undo(key, admission));
  return {
    decrement: undone.flatMap((each) => each.decrement),
    delete: undone.flatMap((each) => each.delete),
  };
}

/** The table is no list of accounts. */
const keyOf = (name: string): string => createHash('sha256').update(name).digest('base64url');
