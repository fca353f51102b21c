import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { CollectionsService } from '../collections/collections.service.js';
import { notFound } from '../common/errors/app-error.js';
import type { Actor } from '../common/security/actor.types.js';
import type { Transaction } from '../database/transaction.types.js';
import { Transactions } from '../database/transactions.js';
import { UserChanges } from './user-changes.service.js';
import { UsersRepository } from './users.repository.js';
import type { LoginName, NewUser, RoleChange, UserWithPassword } from './users.types.js';

@Injectable()
export class UsersService {
  constructor(
    private readonly repository: UsersRepository,
    private readonly collections: CollectionsService,
    private readonly transactions: Transactions,
    private readonly changes: UserChanges,
    private readonly audit: AuditService,
  ) {}

  /**
   * A user with roles and a personal collection.
   * @throws AppError `email_taken`, `username_taken`
   */
  async create(transaction: Transaction, user: NewUser): Promise<UserWithPassword> {
    const created = await this.repository.insert(user, transaction);
    await this.collections.createPersonal(transaction, created.id);
    return created;
  }

  /** Like `create`, but only while there is no user at all, whichever process asks first. */
  async createFirst(transaction: Transaction, user: NewUser): Promise<UserWithPassword | undefined> {
    await this.repository.lockFirstUser(transaction);
    if (await this.repository.hasAny(transaction)) return undefined;
    return this.create(transaction, user);
  }

  /** Number of accounts, disabled ones included. */
  count(): Promise<number> {
    return this.repository.count();
  }

  hasAny(): Promise<boolean> {
    return this.repository.hasAny();
  }

  findByLogin(login: LoginName, transaction?: Transaction): Promise<UserWithPassword | undefined> {
    return this.repository.findByLogin(login, transaction);
  }

  /** What is undefined stays; null takes it away. @throws AppError `username_taken` */
  changeProfile(
    transaction: Transaction,
    userId: string,
    change: { username?: string | null | undefined; fullName?: string | null | undefined },
  ): Promise<void> {
    return this.repository.changeProfile(userId, change, transaction);
  }

  /** Holds the user's row until the transaction ends, before anything else of the user is written. */
  lock(transaction: Transaction, userId: string): Promise<void> {
    return this.repository.lock(userId, transaction);
  }

  /** Like `lock`; the user as committed once the row was held. Undefined when there is no such user. */
  async lockFresh(transaction: Transaction, userId: string): Promise<UserWithPassword | undefined> {
    await this.repository.lock(userId, transaction);
    return this.repository.findById(userId, transaction);
  }

  /** Undefined when there is no such user. */
  emailOf(transaction: Transaction, userId: string): Promise<string | undefined> {
    return this.repository.emailOf(userId, transaction);
  }

  markVerified(transaction: Transaction, userId: string): Promise<void> {
    return this.repository.markVerified(userId, transaction);
  }

  /** @throws AppError `email_taken` */
  changeEmail(transaction: Transaction, userId: string, email: string): Promise<void> {
    return this.repository.changeEmail(userId, email, transaction);
  }

  /**
   * Who proved to read the account's address sets its password, and names where they are given.
   * @throws AppError `username_taken`
   */
  prove(
    transaction: Transaction,
    userId: string,
    set: { passwordHash: string; username?: string | null | undefined; fullName?: string | null | undefined },
  ): Promise<void> {
    return this.repository.prove(userId, set, transaction);
  }

  findWithPassword(userId: string): Promise<UserWithPassword | undefined> {
    return this.repository.findById(userId);
  }

  /** See the repository: serialises sign-in with disabling and password changes. */
  lockUnchanged(transaction: Transaction, user: UserWithPassword): Promise<boolean> {
    return this.repository.lockUnchanged(user.id, user.passwordHash, transaction);
  }

  setPasswordHash(transaction: Transaction, userId: string, passwordHash: string): Promise<void> {
    return this.repository.setPasswordHash(userId, passwordHash, transaction);
  }

  /**
   * Effective with the next request in this process, within a second in others.
   * @param by null for the server itself
   * @throws AppError `last_admin`
   */
  async changeRoles(userId: string, change: RoleChange, by: Actor | null = null): Promise<void> {
    await this.transactions.run((transaction) => this.changeRolesIn(transaction, userId, change, by));
    this.announceAccess(userId);
  }

  /** For a transaction of the caller's; `announceAccess` belongs behind its commit. */
  async changeRolesIn(
    transaction: Transaction,
    userId: string,
    { add = [], remove = [] }: RoleChange,
    by: Actor | null,
  ): Promise<void> {
    const removed = await this.repository.removeRoles(userId, remove, transaction);
    const added = await this.repository.addRoles(userId, add, transaction);
    if (removed.length || added.length)
      await this.record(transaction, 'user.roles_changed', userId, by, { added, removed });
  }

  /** What a user may do has changed, and is committed. */
  announceAccess(userId: string): void {
    this.changes.announce(userId);
    this.collections.forgetReadable();
  }

  /**
   * A user who is not active can neither sign in nor use what was issued before, sessions and API keys; enabling does not
   * bring it back.
   * Takes the user's row first, as sign-in does, and then whatever was issued.
   * @throws AppError `not_found`, `last_admin`
   */
  async setActive(userId: string, active: boolean, by: Actor | null = null): Promise<void> {
    const known = await this.transactions.run(async (transaction) => {
      if (!(await this.repository.setActive(userId, active, transaction))) return false;
      if (!active) await this.changes.endAccess(transaction, userId, 'disabled');
      await this.record(transaction, active ? 'user.enabled' : 'user.disabled', userId, by);
      return true;
    });
    this.changes.announce(userId);
    if (!known) throw notFound('user');
  }

  private record(
    transaction: Transaction,
    action: string,
    userId: string,
    by: Actor | null,
    details: Record<string, unknown> = {},
  ): Promise<void> {
    const who = by ? { actorId: by.id, ip: by.ip, requestId: by.requestId } : {};
    return this.audit.record(transaction, { action, ...who, targetType: 'user', targetId: userId, details });
  }
}
