import { Injectable } from '@nestjs/common';
import { Invitations } from '../../auth/accounts/invitations.service.js';
import { GrantsService } from '../../collections/grants/grants.service.js';
import { AppError } from '../../common/errors/app-error.js';
import { newId } from '../../common/new-id.js';
import type { Actor } from '../../common/security/actor.types.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import type { Transaction } from '../../database/transaction.types.js';
import { Transactions } from '../../database/transactions.js';
import { RolesService } from '../../users/roles.service.js';
import { UserDirectory } from '../../users/user-directory.service.js';
import type { DirectoryUser } from '../../users/user-directory.types.js';
import { UsersService } from '../../users/users.service.js';

export interface NewManagedUser {
  email: string;
  username: string | null;
  fullName: string | null;
  roles: readonly string[];
}

/** What administrators do to accounts. They never choose a password. */
@Injectable()
export class ManagedUsers {
  constructor(
    private readonly directory: UserDirectory,
    private readonly users: UsersService,
    private readonly roles: RolesService,
    private readonly grants: GrantsService,
    private readonly invitations: Invitations,
    private readonly transactions: Transactions,
  ) {}

  /**
   * One that the same request made before, whose answer nobody got, is answered as if it were made now.
   * @throws AppError `email_taken`, `username_taken`, `not_found` for a role, `forbidden`, `conflict` for one that was made
   * and deleted
   */
  async invite(admin: AuthUser, user: NewManagedUser, by: Actor): Promise<DirectoryUser> {
    const id = newId();
    await this.transactions.run(async (transaction) => {
      for (const role of user.roles) await this.requireGrantable(transaction, admin, role);
      const client = { ip: by.ip, requestId: by.requestId };
      const invited = await this.invitations.invite(transaction, { ...user, id, invitedBy: by.id, client });
      if (!invited.created) throw new AppError('email_taken', 'There is an account with this address.');
    });
    return this.directory.get(id);
  }

  /** A new mail; the one before is void. @throws AppError `not_found`, `conflict` for who has a password */
  async inviteAgain(id: string): Promise<void> {
    const user = await this.directory.get(id);
    if (!user.invited || !user.isActive)
      throw new AppError('conflict', 'Only an active account without a password is invited.');
    await this.transactions.run((transaction) => this.invitations.send(transaction, user.email, id));
  }

  /** @throws AppError `not_found`, `forbidden` for a role that opens more than the administrator may use */
  async addRole(admin: AuthUser, id: string, role: string, by: Actor): Promise<DirectoryUser> {
    await this.directory.get(id);
    await this.transactions.run(async (transaction) => {
      await this.requireGrantable(transaction, admin, role);
      await this.users.changeRolesIn(transaction, id, { add: [role] }, by);
    });
    this.users.announceAccess(id);
    return this.directory.get(id);
  }

  /** @throws AppError `not_found`, `last_admin` */
  async removeRole(id: string, role: string, by: Actor): Promise<DirectoryUser> {
    await this.directory.get(id);
    await this.transactions.run(async (transaction) => {
      await this.roles.require(transaction, role);
      await this.users.changeRolesIn(transaction, id, { remove: [role] }, by);
    });
    this.users.announceAccess(id);
    return this.directory.get(id);
  }

  /** @throws AppError `not_found`, `last_admin` */
  async setActive(id: string, active: boolean, by: Actor): Promise<DirectoryUser> {
    await this.directory.get(id);
    await this.users.setActive(id, active, by);
    return this.directory.get(id);
  }

  /** Nobody grants what they do not hold: a role opens the collections that are granted to it. */
  private async requireGrantable(transaction: Transaction, admin: AuthUser, role: string): Promise<void> {
    await this.roles.require(transaction, role);
    if (admin.adminAccess || (await this.grants.holdsAllOf(transaction, admin.id, role))) return;
    throw new AppError(
      'forbidden',
      `The role ${role} opens collections that you may not use so: state a reason in X-Admin-Access.`,
    );
  }
}
