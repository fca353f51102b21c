import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, QueryFailedError } from 'typeorm';
import { AppError } from '../common/errors/app-error.js';
import { ADVISORY_LOCKS } from '../database/advisory-locks.js';
import type { Transaction } from '../database/transaction.types.js';
import { IS_SOMEBODY } from './user-directory.repository.js';
import { UserEntity } from './user.entity.js';
import type { LoginName, NewUser, UserWithPassword } from './users.types.js';

const SELECT_USER = `
  select u.id, u.email, u.username, u.full_name as "fullName", u.password_hash as "passwordHash",
         u.is_active as "isActive", u.email_verified_at is not null as "emailVerified", u.created_at as "createdAt",
         exists (select from second_factors f where f.user_id = u.id and f.confirmed_at is not null) as "secondFactor",
         array(select r.name::text from user_roles ur join roles r on r.id = ur.role_id
               where ur.user_id = u.id order by r.name) as roles
  from users u`;

@Injectable()
export class UsersRepository {
  constructor(private readonly source: DataSource) {}

  /** @throws AppError `email_taken`, `username_taken`, `conflict` for an id that was used */
  async insert(user: NewUser, transaction: Transaction): Promise<UserWithPassword> {
    const { id = randomUUID(), email, username, fullName, passwordHash } = user;
    const emailVerifiedAt = user.emailVerified ? new Date() : null;
    try {
      await transaction.insert(UserEntity, { id, email, username, fullName, passwordHash, emailVerifiedAt });
    } catch (error) {
      throw takenError(error);
    }
    await this.addRoles(id, user.roles, transaction);
    const created = await this.findById(id, transaction);
    if (!created) throw new Error(`the user ${id} vanished inside its own transaction`);
    return created;
  }

  /** Those that the user did not have before. */
  async addRoles(userId: string, roles: readonly string[], transaction: Transaction): Promise<string[]> {
    if (roles.length === 0) return [];
    const rows = await transaction.query<{ name: string }[]>(
      `with added as (
         insert into user_roles (user_id, role_id) select $1, id from roles where name = any($2)
         on conflict do nothing returning role_id)
       select r.name from added a join roles r on r.id = a.role_id order by r.name`,
      [userId, roles],
    );
    return rows.map((row) => row.name);
  }

  /** Those that the user had. */
  async removeRoles(userId: string, roles: readonly string[], transaction: Transaction): Promise<string[]> {
    if (roles.length === 0) return [];
    const [rows] = await transaction.query<[{ name: string }[], number]>(
      `delete from user_roles ur using roles r
       where ur.user_id = $1 and r.id = ur.role_id and r.name = any($2) returning r.name`,
      [userId, roles],
    );
    return rows.map((row) => row.name);
  }

  /** False when there is no such user, or nobody any more. */
  async setActive(userId: string, active: boolean, transaction: Transaction): Promise<boolean> {
    const [, changed] = await transaction.query<[unknown[], number]>(
      `update users u set is_active = $2, updated_at = now() where u.id = $1 and ${IS_SOMEBODY}`,
      [userId, active],
    );
    return changed === 1;
  }

  async findById(id: string, transaction?: Transaction): Promise<UserWithPassword | undefined> {
    return this.findOne('where u.id = $1', id, transaction);
  }

  async findByLogin(login: LoginName, transaction?: Transaction): Promise<UserWithPassword | undefined> {
    return 'email' in login
      ? this.findOne('where u.email = $1', login.email, transaction)
      : this.findOne('where lower(u.username) = lower($1)', login.username, transaction);
  }

  async hasAny(transaction?: Transaction): Promise<boolean> {
    const rows = await (transaction ?? this.source.manager).query<{ any: boolean }[]>(
      'select exists (select from users) as any',
    );
    return rows[0]?.any ?? false;
  }

  /** Held until the transaction ends. */
  async lockFirstUser(transaction: Transaction): Promise<void> {
    await transaction.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.firstUser]);
  }

  /**
   * Holds the user's row until the transaction ends, so that opening a session, disabling the user and changing
   * the password come one after the other. False when the user is no longer active or has another password.
   */
  async lockUnchanged(userId: string, passwordHash: string, transaction: Transaction): Promise<boolean> {
    const rows = await transaction.query<unknown[]>(
      'select 1 from users where id = $1 and is_active and password_hash = $2 for no key update',
      [userId, passwordHash],
    );
    return rows.length === 1;
  }

  async count(): Promise<number> {
    const [row] = await this.source.query<{ n: number }[]>('select count(*)::int as n from users');
    return row?.n ?? 0;
  }

  async setPasswordHash(userId: string, passwordHash: string, transaction: Transaction): Promise<void> {
    await transaction.update(UserEntity, { id: userId }, { passwordHash, updatedAt: () => 'now()' });
  }

  /** What is undefined stays. @throws AppError `username_taken` */
  async changeProfile(
    userId: string,
    { username, fullName }: { username?: string | null | undefined; fullName?: string | null | undefined },
    transaction: Transaction,
  ): Promise<void> {
    try {
      await transaction.query(
        `update users set username = case when $2 then $3 else username end,
           full_name = case when $4 then $5 else full_name end, updated_at = now() where id = $1`,
        [userId, username !== undefined, username ?? null, fullName !== undefined, fullName ?? null],
      );
    } catch (error) {
      throw takenError(error);
    }
  }

  async lock(userId: string, transaction: Transaction): Promise<void> {
    await transaction.query('select 1 from users where id = $1 for no key update', [userId]);
  }

  async emailOf(userId: string, transaction: Transaction): Promise<string | undefined> {
    const rows = await transaction.query<{ email: string }[]>('select email from users where id = $1', [
      userId,
    ]);
    return rows[0]?.email;
  }

  async markVerified(userId: string, transaction: Transaction): Promise<void> {
    await transaction.query(
      'update users set email_verified_at = coalesce(email_verified_at, now()), updated_at = now() where id = $1',
      [userId],
    );
  }

  /** An address that was proved by who changes to it. */
  async changeEmail(userId: string, email: string, transaction: Transaction): Promise<void> {
    try {
      await transaction.query(
        'update users set email = $2, email_verified_at = now(), updated_at = now() where id = $1',
        [userId, email],
      );
    } catch (error) {
      throw takenError(error);
    }
  }

  /** @throws AppError `username_taken` */
  async prove(
    userId: string,
    set: { passwordHash: string; username?: string | null | undefined; fullName?: string | null | undefined },
    transaction: Transaction,
  ): Promise<void> {
    try {
      await transaction.query(
        `update users set password_hash = $2, email_verified_at = coalesce(email_verified_at, now()),
           username = coalesce($3, username), full_name = coalesce($4, full_name), updated_at = now() where id = $1`,
        [userId, set.passwordHash, set.username ?? null, set.fullName ?? null],
      );
    } catch (error) {
      throw takenError(error);
    }
  }

  private async findOne(
    where: string,
    value: string,
    transaction?: Transaction,
  ): Promise<UserWithPassword | undefined> {
    const rows = await (transaction ?? this.source.manager).query<UserWithPassword[]>(
      `${SELECT_USER} ${where}`,
      [value],
    );
    return rows[0];
  }
}

function takenError(error: unknown): unknown {
  if (!(error instanceof QueryFailedError)) return error;
  const { constraint } = error.driverError as { constraint?: string };
  if (constraint === 'users_email_key')
    return new AppError('email_taken', 'Sign in, or register with another address.', { cause: error });
  if (constraint === 'users_pkey')
    return new AppError('conflict', 'The account of this request was made and deleted before.', {
      cause: error,
    });
  if (constraint === 'users_username_key')
    return new AppError('username_taken', 'Choose another username.', { cause: error });
  if (constraint === 'users_email_normalised')
    return new AppError('validation_failed', 'email: the address cannot be normalised.', { cause: error });
  return error;
}
