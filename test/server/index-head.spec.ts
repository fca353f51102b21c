import type { DataSource, QueryRunner } from 'typeorm';
import { CommitWatch } from '../../src/database/commit-watch.js';
import { ADVISORY_LOCKS } from '../../src/database/advisory-locks.js';
import { IndexHead } from '../../src/database/index-head.js';
import { nextIndexSequence, retireVersions } from '../../src/database/index-log.js';
import { migrate, newDatabase, type ServerDatabase } from './support.js';

describe('the head of the index log, read beside those who write to it', () => {
  let database: ServerDatabase;
  let writer: QueryRunner;
  let head: IndexHead;

  const begin = async (source: DataSource): Promise<QueryRunner> => {
    const runner = source.createQueryRunner();
    await runner.startTransaction();
    return runner;
  };
  const sequence = (runner: QueryRunner): Promise<number> => nextIndexSequence(runner.manager);

  beforeAll(async () => {
    database = await newDatabase();
    await migrate(database.env, 'run');
    head = new IndexHead(database.source, new CommitWatch(false));
  });
  beforeEach(async () => {
    writer = await begin(database.source);
  });
  afterEach(async () => {
    if (writer.isTransactionActive) await writer.rollbackTransaction();
    await writer.release();
  });
  afterAll(() => database?.drop());

  test('stays as it is while nobody writes', async () => {
    const mark = await head.mark();
    expect(mark).toEqual(expect.any(Number));
    expect(await head.mark()).toBe(mark);
  });

  test('is unknown between a number and its commit, and another one afterwards', async () => {
    const before = await head.mark();
    await sequence(writer);
    expect(await head.mark()).toBeUndefined();
    await writer.commitTransaction();
    const after = await head.mark();
    expect(after).toEqual(expect.any(Number));
    expect(after).not.toBe(before);
  });

  test('is another one after a retirement and after a number that was given back', async () => {
    const before = await head.mark();
    await retireVersions(writer.manager, [crypto.randomUUID()]);
    expect(await head.mark()).toBeUndefined();
    await writer.commitTransaction();
    const retired = await head.mark();
    expect(retired).not.toBe(before);
    await writer.startTransaction();
    await sequence(writer);
    await writer.rollbackTransaction();
    expect(await head.mark()).not.toBe(retired);
  });

  test('is unknown while vectors are being stored', async () => {
    await writer.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.vectorLog]);
    expect(await head.mark()).toBeUndefined();
    await writer.commitTransaction();
    expect(await head.mark()).toEqual(expect.any(Number));
  });

  test('is looked at once for all who ask in one turn of the event loop', async () => {
    let looks = 0;
    const counting = { query: (statement: string) => (looks++, database.source.query(statement)) };
    const shared = new IndexHead(counting as DataSource, new CommitWatch(false));
    const marks = await Promise.all(Array.from({ length: 20 }, () => shared.mark()));
    expect(new Set(marks).size).toBe(1);
    expect(looks).toBe(1);
    await sequence(writer);
    await writer.commitTransaction();
    expect(await shared.mark()).not.toBe(marks[0]);
    expect(looks).toBe(2);
  });
});
