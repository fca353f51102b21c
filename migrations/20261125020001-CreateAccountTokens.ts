import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateAccountTokens20261125020001 implements MigrationInterface {
  name = 'CreateAccountTokens20261125020001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- One-time tokens that prove who reads an address. At most one of each purpose for a user: the newest.
      create table account_tokens (
        user_id uuid not null constraint account_tokens_user_fkey references users (id) on delete cascade,
        purpose varchar(16) not null,
        -- Where it was sent.
        email varchar(254) not null,
        token_hash bytea not null,
        created_at timestamptz not null default now(),
        expires_at timestamptz not null,
        constraint account_tokens_pkey primary key (user_id, purpose),
        constraint account_tokens_hash_key unique (token_hash),
        constraint account_tokens_purpose_known
          check (purpose in ('verify', 'reset', 'change_address', 'invitation'))
      );

      -- Accounts that somebody wants and whose address nobody has confirmed; the newest wins. Nothing of it is a user.
      create table pending_registrations (
        email varchar(254) constraint pending_registrations_pkey primary key,
        username varchar(150),
        full_name varchar(255),
        password_hash text not null,
        token_hash bytea not null,
        token_expires_at timestamptz not null,
        created_at timestamptz not null default now(),
        constraint pending_registrations_hash_key unique (token_hash),
        constraint pending_registrations_email_normalised check (email = lower(email))
      );

      -- What anybody may ask for an address: written the same way whether or not it has an account, looked at later.
      create table account_requests (
        id bigint generated always as identity constraint account_requests_pkey primary key,
        kind varchar(16) not null,
        email varchar(254) not null,
        username varchar(150),
        full_name varchar(255),
        password_hash text,
        ip varchar(64),
        request_id varchar(64),
        created_at timestamptz not null default now(),
        constraint account_requests_kind_known check (kind in ('register', 'forgot', 'resend'))
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table account_requests, pending_registrations, account_tokens;');
  }
}
