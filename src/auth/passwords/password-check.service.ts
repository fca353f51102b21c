import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import { AppError } from '../../common/errors/app-error.js';
import { NIL_UUID } from '../../common/nil-uuid.js';
import { UsersService } from '../../users/users.service.js';
import { addressKey } from '../../common/security/address.js';
import type { UserWithPassword } from '../../users/users.types.js';
import type { Client } from '../auth.types.js';
import { SessionsRepository } from '../sessions/sessions.repository.js';
import { PasswordAttempts } from './password-attempts.service.js';
import { PasswordHasher } from './password-hasher.service.js';
import type { Refund } from './refund.types.js';
import { Slots } from '../../common/resilience/slots.js';

/** More than can hash at a time, so that the database is asked for one while another is being hashed. */
const CONCURRENT_CHECKS = 4;
/** About two seconds of work on two cores. */
const WAITING_CHECKS = 100;
/** Stands for an account that does not exist, so that it is asked for in the same way. */
const NOBODY = NIL_UUID;

export interface PasswordAttempt {
  /** Undefined when the name belongs to nobody: it takes the same path, and as long. */
  user: Pick<UserWithPassword, 'id' | 'passwordHash'> | undefined;
  /** Of what is no account yet. */
  passwordHash?: string;
  /** What the caller called the account, normalised. Counted by where there is no user. */
  name: string;
  password: string;
  client: Client;
}

/** The one way to check a password. Every route that does goes through here, so that guesses are counted together. */
@Injectable()
export class PasswordCheck {
  private readonly queue = new Slots(CONCURRENT_CHECKS, WAITING_CHECKS);

  constructor(
    private readonly attempts: PasswordAttempts,
    private readonly hasher: PasswordHasher,
    private readonly sessions: SessionsRepository,
    private readonly users: UsersService,
    private readonly audit: AuditService,
  ) {}

  /**
   * Whether the password is the user's.
   * @throws AppError `too_many_requests`, `service_unavailable` when too many wait
   */
  async matches(attempt: PasswordAttempt): Promise<boolean> {
    const right = await this.ifRight(attempt, async (refund) => {
      await this.giveBack(refund);
      return true;
    });
    return right ?? false;
  }

  /**
   * Does what the right password allows, which has to give the attempt back: in its turn, so that those that are
   * counted at a time stay few. Undefined when the password is wrong.
   * @throws AppError as `matches`, and whatever `allowed` throws
   */
  ifRight<T>(attempt: PasswordAttempt, allowed: (refund: Refund) => Promise<T>): Promise<T | undefined> {
    // In its turn before it is counted: an attempt that waits here must not count against one that runs.
    return this.queue.run(async () => {
      const refund = await this.check(attempt);
      return refund && allowed(refund);
    });
  }

  giveBack(refund: Refund): Promise<void> {
    return this.attempts.giveBack(refund);
  }

  /**
   * The signed-in user, who proves to know the password.
   * @throws AppError `invalid_credentials`, `too_many_requests`, `service_unavailable`
   */
  async confirm(userId: string, password: string, client: Client): Promise<UserWithPassword> {
    const user = await this.users.findWithPassword(userId);
    if (!(await this.matches({ user, name: userId, password, client })) || !user)
      throw new AppError('invalid_credentials', 'The password is wrong.');
    return user;
  }

  private async check({
    user,
    passwordHash,
    name,
    password,
    client,
  }: PasswordAttempt): Promise<Refund | undefined> {
    const { device } = client;
    const known = device !== undefined && (await this.sessions.knowsDevice(user?.id ?? NOBODY, device));
    const attempt = await this.attempts.reserve({
      account: user ? `user ${user.id}` : name,
      knownDevice: known ? device : undefined,
      ip: client.ip,
    });
    let matches: boolean;
    try {
      matches = await this.hasher.verify(passwordHash ?? user?.passwordHash, password);
    } catch (error) {
      await attempt.undone();
      throw error;
    }
    if (matches) return attempt.refund;
    this.countRefusal(user, client, attempt.beganWait);
    return undefined;
  }

  private countRefusal(user: { id: string } | undefined, client: Client, beganWait: boolean): void {
    const reason = beganWait ? 'wrong_and_waits' : 'wrong';
    const event = {
      action: 'password.refused',
      targetType: 'user',
      // Not what was typed as a name: people type passwords into that field.
      ...(user ? { targetId: user.id } : {}),
      ip: addressKey(client.ip ?? undefined),
      requestId: client.requestId,
      details: { reason },
    };
    this.audit.count(event, reason);
  }
}
