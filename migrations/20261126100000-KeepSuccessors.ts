import type { MigrationInterface, QueryRunner } from 'typeorm';

export class KeepSuccessors20261126100000 implements MigrationInterface {
  name = 'KeepSuccessors20261126100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Vectors of files that were read and take the place of others when all their vectors are there. Until then they
      -- are in no index: what cannot be shown would stand in the way of what can.
      create table successor_vectors (
        chunk_id uuid constraint successor_vectors_pkey primary key
          constraint successor_vectors_chunk_fkey references chunks (id) on delete cascade,
        version_id uuid not null,
        index_id uuid not null
          constraint successor_vectors_index_fkey references vector_indexes (id) on delete cascade,
        -- Numbers of 32 bits, the lowest byte first.
        vector bytea not null
      );
      create index successor_vectors_version_idx on successor_vectors (version_id);
      create index successor_vectors_index_idx on successor_vectors (index_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table successor_vectors');
  }
}
