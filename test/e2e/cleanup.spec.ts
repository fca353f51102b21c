import { jest } from '@jest/globals';
import { AnswersRepository } from '../../src/conversations/answers.repository.js';
import { IdempotencyRepository } from '../../src/idempotency/idempotency.repository.js';
import { startTestApp, type TestApp } from '../support/app.js';

const ROWS = 10_001;
const MOST = 5_000;

/** In the embedded database everybody waits for a statement. */
describe('what is old goes in pieces', () => {
  let app: TestApp;
  let userId: string;
  beforeAll(async () => {
    app = await startTestApp();
    const [user] = await app.source.query<{ id: string }[]>('select id from users');
    userId = user?.id ?? '';
  });
  afterAll(() => app?.close());
  afterEach(() => jest.restoreAllMocks());

  const count = async (table: string): Promise<number> => {
    const [row] = await app.source.query<{ n: number }[]>(`select count(*)::int as n from ${table}`);
    return row?.n ?? -1;
  };
  /** How many rows each statement deleted. */
  const pieces = async (clean: () => Promise<void>): Promise<number[]> => {
    const spied = jest.spyOn(app.source, 'query');
    await clean();
    // Jobs go on at the same time.
    const deleting = spied.mock.results.filter((_result, i) =>
      spied.mock.calls[i]?.[0].startsWith('delete from '),
    );
    const results = (await Promise.all(deleting.map(({ value }) => value))) as [unknown, number][];
    spied.mockRestore();
    return results.map(([, removed]) => removed);
  };
  const addAnswers = (age: string): Promise<unknown> =>
    app.source.query(
      `insert into answers (id, user_id, question, answer, supported, model, citations, chunk_ids, created_at)
       select gen_random_uuid(), $1, 'q', 'a', true, 'm', '[]', '{}', now() - $2::interval
       from generate_series(1, ${ROWS})`,
      [userId, age],
    );

  test('answers, and conversations without any', async () => {
    const answers = app.app.get(AnswersRepository, { strict: false });
    await addAnswers('91 days');
    await app.source.query(
      `insert into conversations (id, user_id, updated_at)
       select gen_random_uuid(), $1, now() - interval '91 days' from generate_series(1, ${ROWS})`,
      [userId],
    );
    const removed = await pieces(() => answers.purge(90 * 86_400, 10));
    expect(removed).toEqual([MOST, MOST, 1, MOST, MOST, 1, 0]);
    expect([await count('answers'), await count('conversations')]).toEqual([0, 0]);

    await addAnswers('1 day');
    expect(await pieces(() => answers.purge(90 * 86_400, 10))).toEqual([0, 0, MOST, ROWS - MOST - 10]);
    expect(await count('answers')).toBe(10);
  });

  test('Idempotency-Keys', async () => {
    await app.source.query(
      `insert into idempotency_keys (user_id, key_hash, fingerprint, claim, locked_until, expires_at)
       select $1, sha256(n::text::bytea), sha256('f'), gen_random_uuid(), now(),
              now() + (case when n = 0 then 1 else -1 end) * interval '1 hour'
       from generate_series(0, ${ROWS}) n`,
      [userId],
    );
    const keys = app.app.get(IdempotencyRepository, { strict: false });
    expect(await pieces(() => keys.removeExpired())).toEqual([MOST, MOST, 1]);
    expect(await count('idempotency_keys')).toBe(1);
  });
});
