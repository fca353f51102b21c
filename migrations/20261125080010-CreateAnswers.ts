import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateAnswers20261125080010 implements MigrationInterface {
  name = 'CreateAnswers20261125080010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table conversations (
        id uuid constraint conversations_pkey primary key,
        user_id uuid not null constraint conversations_user_fkey references users (id) on delete cascade,
        title varchar(200),
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      );
      create index conversations_user_idx on conversations (user_id, updated_at, id);

      create table answers (
        id uuid constraint answers_pkey primary key,
        user_id uuid not null constraint answers_user_fkey references users (id) on delete cascade,
        conversation_id uuid constraint answers_conversation_fkey references conversations (id) on delete cascade,
        question text not null,
        -- The question as it was asked of the documents, where that is another one.
        standalone text,
        answer text not null,
        supported boolean not null,
        model varchar(255) not null,
        degraded text[] not null default '{}',
        usage jsonb,
        citations jsonb not null,
        -- Chunks that were shown, best first. They may be gone by now.
        chunk_ids uuid[] not null,
        created_at timestamptz not null default now()
      );
      create index answers_user_idx on answers (user_id, created_at, id);
      create index answers_conversation_idx on answers (conversation_id, created_at, id)
        where conversation_id is not null;
      create index answers_created_idx on answers (created_at);

      create table answer_feedback (
        answer_id uuid constraint answer_feedback_pkey primary key
          constraint answer_feedback_answer_fkey references answers (id) on delete cascade,
        helpful boolean not null,
        -- The passage that holds the answer, and its document at that time.
        chunk_id uuid,
        document_id uuid,
        external_id varchar(512),
        comment varchar(2000),
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      );
      create index answer_feedback_updated_idx on answer_feedback (updated_at, answer_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table answer_feedback, answers, conversations');
  }
}
