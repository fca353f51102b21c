import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateLlmUsage20261125080000 implements MigrationInterface {
  name = 'CreateLlmUsage20261125080000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table llm_user_usage (
        user_id uuid not null constraint llm_user_usage_user_fkey references users (id) on delete cascade,
        day date not null,
        tokens bigint not null,
        requests integer not null,
        constraint llm_user_usage_pkey primary key (user_id, day)
      );
      create index llm_user_usage_day_idx on llm_user_usage (day);

      create table llm_daily_usage (
        day date constraint llm_daily_usage_pkey primary key,
        tokens bigint not null,
        requests integer not null
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table llm_user_usage, llm_daily_usage');
  }
}
