import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateMail20261125020000 implements MigrationInterface {
  name = 'CreateMail20261125020000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Mails on their way out. A row goes when its mail was handed over, or when nobody needs it any more.
      create table outgoing_mails (
        id uuid constraint outgoing_mails_pkey primary key,
        -- Whose account it tells about: an erased account's mails go with it.
        user_id uuid constraint outgoing_mails_user_fkey references users (id) on delete cascade,
        -- Recipient, subject and text, encrypted: there are one-time tokens in them.
        sealed bytea not null,
        created_at timestamptz not null default now(),
        expires_at timestamptz not null
      );
      create index outgoing_mails_user_idx on outgoing_mails (user_id);

      -- How many mails an address was sent because somebody asked for it. Addresses are kept as keyed hashes.
      create table mail_allowances (
        recipient bytea constraint mail_allowances_pkey primary key,
        started_at timestamptz not null default now(),
        sent integer not null
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table mail_allowances, outgoing_mails;');
  }
}
