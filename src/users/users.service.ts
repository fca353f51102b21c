import { Injectable } from '@nestjs/common';
import { CollectionsService } from '../collections/collections.service.js';
import { notFound } from '../common/errors/app-error.js';
import type { Transaction } from '../database/transaction.types.js';
import { Transactions } from '../database/transactions.js';
import { UserChanges } from './user-changes.service.js';
import { UsersRepository } from './users.repository.js';
import type { LoginName, NewUser, UserWithPassword } from './users.types.js';

@Injectable()
export class UsersService {
  constructor(
    private readonly repository: UsersRepository,
    private readonly collections: CollectionsService,
    private readonly transactions: Transactions,
    private readonly changes: UserChanges,
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

  /** Effective with the next request in this process, within a second in others. */
  async changeRoles(
    userId: string,
    change: { add?: readonly string[]; remove?: readonly string[] },
  ): Promise<void> {
    await this.transactions.run(async (transaction) => {
      await this.repository.removeRoles(userId, change.remove ?? [], transaction);
      await this.repository.addRoles(userId, change.add ?? [], transaction);
    });
    this.changes.announce(userId);
  }

  /**
   * A user who is not active can neither sign in nor use what was issued before; enabling does not bring it back.
   * Takes the user's row first, as sign-in does, and then whatever was issued.
   * @throws AppError `not_found`
   */
  async setActive(userId: string, active: boolean): Promise<void> {
    const known = await this.transactions.run(async (transaction) => {
      if (!(await this.repository.setActive(userId, active, transaction))) return false;
      if (!active) await this.changes.endAccess(transaction, userId, 'disabled');
      return true;
    });
    this.changes.announce(userId);
    if (!known) throw notFound('user');
  }
}
