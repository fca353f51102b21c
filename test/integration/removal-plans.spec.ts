import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { CollectionsRepository } from '../../src/collections/collections.repository.js';
import type { Transaction } from '../../src/database/transaction.types.js';
import { RemovalsRepository } from '../../src/documents/removal/removals.repository.js';
import { RemovedVersionsRepository } from '../../src/documents/removal/removed-versions.repository.js';
import { startMemoryDatabase, type TestDatabase } from '../support/memory-database.js';

const COLLECTIONS = 20;
const DOCUMENTS = 20_000;

/** A removal of 100,000 documents has a thousand steps. */
describe('a step of a removal, with many documents of others', () => {
  let database: TestDatabase;
  let removal: string;
  let plans: string[];
  /** Explains what it is asked, and finds nothing. */
  const explaining = {
    async query(statement: string, values: unknown[] = []): Promise<unknown[]> {
      const rows = await database.dataSource.query<{ 'QUERY PLAN': string }[]>(
        `explain ${statement}`,
        values,
      );
      plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
      return [];
    },
  };

  beforeAll(async () => {
    database = await startMemoryDatabase({}, 2);
    const { dataSource } = database;
    const [owner, leaving] = [randomUUID(), randomUUID()];
    removal = randomUUID();
    await dataSource.query(`insert into users (id, email, password_hash) values ($1, 'a@example.com', '')`, [
      owner,
    ]);
    await dataSource.query(
      `insert into collections (id, owner_id, name, deleted_at)
       select case n when 0 then $2 else gen_random_uuid() end, $1, n::text, case n when 0 then now() end
       from generate_series(0, $3::int - 1) n`,
      [owner, leaving, COLLECTIONS],
    );
    await dataSource.query(
      `insert into documents (id, collection_id, external_id, status, deleted_at)
       select gen_random_uuid(), c.id, n::text, 'ready', case when c.deleted_at is not null and n <= 100 then now() end
       from collections c, generate_series(1, $1::int) n`,
      [DOCUMENTS / COLLECTIONS],
    );
    await dataSource.query(
      `insert into document_versions (id, document_id, mime, byte_size, sha256)
       select gen_random_uuid(), id, 'text/plain', 1, '' from documents`,
    );
    await dataSource.query(
      `insert into removals (id, kind, subject_id, documents) values ($1, 'collection', $2, 0)`,
      [removal, leaving],
    );
    await dataSource.query('analyze');
  });
  beforeEach(() => (plans = []));
  afterAll(() => database?.stop());

  test.each<[string, () => Promise<unknown>]>([
    [
      'takes versions and empty documents away',
      () =>
        new RemovedVersionsRepository(explaining as never as DataSource).remove(
          explaining as never as Transaction,
          [randomUUID()],
        ),
    ],
    [
      'takes empty collections away',
      () =>
        new CollectionsRepository(explaining as never as DataSource).removeHidden(
          explaining as never as Transaction,
        ),
    ],
    [
      'counts what remains',
      () =>
        new RemovalsRepository(explaining as never as DataSource).find(removal, {
          id: randomUUID(),
        } as never),
    ],
    ['counts what remains of all', () => new RemovalsRepository(explaining as never as DataSource).open()],
  ])('%s without going through all documents', async (_name, step) => {
    await step();
    expect(plans.length).toBeGreaterThan(0);
    for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on document/);
  });
});
