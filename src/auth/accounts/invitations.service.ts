import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import type { Transaction } from '../../database/transaction.types.js';
import { Transactions } from '../../database/transactions.js';
import { Mailer } from '../../mail/mailer.service.js';
import { UsersService } from '../../users/users.service.js';
import { NO_PASSWORD, USER_ROLE } from '../../users/users.types.js';
import type { Client } from '../auth.types.js';
import { PasswordHasher } from '../passwords/password-hasher.service.js';
import { AccountMails } from './account-mails.service.js';
import { AccountTokens } from './account-tokens.service.js';

export interface Invitation {
  /** Of an account that is made by a request that may come again. */
  id?: string;
  /** Normalised. */
  email: string;
  username?: string | null;
  fullName?: string | null;
  /** Beside `user`. */
  roles?: readonly string[];
  invitedBy: string;
  client: Pick<Client, 'ip' | 'requestId'>;
}

export interface Invited {
  userId: string;
  /** False for an account that was there before, unless this request made it; its names and roles are left alone. */
  created: boolean;
}

/** Accounts that somebody else makes. Nobody but who reads the mail ever knows their password. */
@Injectable()
export class Invitations {
  constructor(
    private readonly users: UsersService,
    private readonly tokens: AccountTokens,
    private readonly mails: AccountMails,
    private readonly mailer: Mailer,
    private readonly audit: AuditService,
  ) {}

  /**
   * The account with this address, made without a password if there is none, and a mail with which its owner
   * chooses one. Inviting again sends a new mail, and the one before is void; an account with a password gets one
   * only while its address is not confirmed, to do that, and too many for one address are not sent.
   * @throws AppError `username_taken`
   */
  async invite(transaction: Transaction, invitation: Invitation): Promise<Invited> {
    const { email } = invitation;
    const known = await this.users.findByLogin({ email }, transaction);
    const user = known ?? (await this.create(transaction, invitation));
    if (user.isActive && user.passwordHash === NO_PASSWORD) await this.send(transaction, email, user.id);
    else if (user.isActive && !user.emailVerified) await this.askForProof(transaction, email, user.id);
    return { userId: user.id, created: known === undefined || known.id === invitation.id };
  }

  /** For an account without a password. */
  async send(transaction: Transaction, email: string, userId: string): Promise<void> {
    if (!(await this.mailer.allows(transaction, `invitation ${email}`))) return;
    const token = await this.tokens.issue(transaction, 'invitation', { userId, email });
    await this.mails.invitation(transaction, email, userId, token);
  }

  private async askForProof(transaction: Transaction, email: string, userId: string): Promise<void> {
    if (!(await this.mailer.allows(transaction, `invitation ${email}`))) return;
    const token = await this.tokens.issue(transaction, 'verify', { userId, email });
    await this.mails.sharedUnconfirmed(transaction, email, token, userId);
  }

  private async create(transaction: Transaction, invitation: Invitation) {
    const { id, email, username = null, fullName = null, roles = [], invitedBy, client } = invitation;
    const user = await this.users.create(transaction, {
      ...(id === undefined ? {} : { id }),
      email,
      username,
      fullName,
      passwordHash: NO_PASSWORD,
      emailVerified: false,
      roles: [...new Set([USER_ROLE, ...roles])],
    });
    await this.audit.record(transaction, {
      action: 'user.invited',
      actorId: invitedBy,
      targetType: 'user',
      targetId: user.id,
      ip: client.ip,
      requestId: client.requestId,
      details: { roles: user.roles },
    });
    return user;
  }
}

export interface Acceptance {
  token: string;
  password: string;
  username?: string | null;
  full_name?: string | null;
}

/** Whoever got an invitation chooses a password, and so proves to read the address. */
@Injectable()
export class InvitationAcceptance {
  constructor(
    private readonly users: UsersService,
    private readonly tokens: AccountTokens,
    private readonly passwords: PasswordHasher,
    private readonly transactions: Transactions,
    private readonly audit: AuditService,
  ) {}

  /** @throws AppError `invalid_token`, `weak_password`, `username_taken`, `service_unavailable` */
  async accept(acceptance: Acceptance, client: Client): Promise<void> {
    const { token, password, username, full_name: fullName } = acceptance;
    const { email } = await this.tokens.peek('invitation', token);
    const owner = { email, username: username ?? null, fullName: fullName ?? null };
    const passwordHash = await this.passwords.hashNew(password, owner);
    const userId = await this.transactions.run(async (transaction) => {
      const holder = await this.tokens.redeem(transaction, 'invitation', token);
      await this.users.prove(transaction, holder.userId, { passwordHash, username, fullName });
      await this.tokens.dropAll(transaction, holder.userId);
      await this.audit.record(transaction, {
        action: 'user.invitation_accepted',
        actorId: holder.userId,
        targetType: 'user',
        targetId: holder.userId,
        ip: client.ip,
        requestId: client.requestId,
      });
      return holder.userId;
    });
    this.users.announceAccess(userId);
  }
}
