import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { REMOVE_JOB } from '../../src/documents/document-jobs.types.js';
import { JobQueue } from '../../src/jobs/job-queue.service.js';
import { StorageService } from '../../src/storage/storage.service.js';
import { VectorService } from '../../src/vector/vector.service.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

const FILES = 150;
const DEADLINE_MS = 150_000;

describe('many files that cannot be deleted', () => {
  let app: TestApp;
  let user: Browser;
  /** How often the vectors of each version were deleted. */
  const taken = new Map<string, number>();

  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
    const vectors = app.app.get(VectorService, { strict: false });
    const deleteVersions = vectors.deleteVersions.bind(vectors);
    jest.spyOn(vectors, 'deleteVersions').mockImplementation((ids) => {
      for (const id of ids) taken.set(id, (taken.get(id) ?? 0) + 1);
      return deleteVersions(ids);
    });
  });
  afterEach(() => taken.clear());
  afterAll(async () => {
    jest.restoreAllMocks();
    await app?.close();
  });

  const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
    for (
      const end = performance.now() + DEADLINE_MS;
      !(await holds());
      await new Promise((done) => setTimeout(done, 50))
    )
      if (performance.now() > end) throw new Error(`not ${what}`);
  };
  const addHidden = async (): Promise<{ id: string; file_key: string }[]> => {
    const hidden = Array.from({ length: FILES }, () => {
      const file = randomUUID();
      return { id: randomUUID(), file_key: `${file.slice(0, 2)}/${file}` };
    });
    await app.source.query(
      `insert into document_versions (id, mime, byte_size, sha256, file_key)
       select id, 'text/plain', 1, '', file_key from json_to_recordset($1::text::json) as t (id uuid, file_key text)`,
      [JSON.stringify(hidden)],
    );
    await app.source.query('insert into removable_versions (version_id) select unnest($1::uuid[])', [
      hidden.map(({ id }) => id),
    ]);
    return hidden;
  };
  /** For how long they are left alone, how often they were tried, and how many of them there are. */
  const putOff = (): Promise<{ seconds: number | null; tries: number; n: number }[]> =>
    app.source.query(
      `select round(extract(epoch from max(put_off_until) - clock_timestamp()) / 30)::int * 30 as seconds, tries, count(*)::int as n
       from removable_versions group by tries order by tries`,
    );
  const makeDue = async (): Promise<void> => {
    const jobs = app.app.get(JobQueue, { strict: false });
    await app.source.query('update removable_versions set put_off_until = now()');
    await app.source.transaction((tx) => jobs.enqueue(tx, REMOVE_JOB, {}));
    jobs.wake(REMOVE_JOB);
  };
  const removeCollection = async (documents: number): Promise<void> => {
    const { id } = (await user.post('/collections', { body: { name: randomUUID() } })).body;
    const texts = Array.from({ length: documents }, (_, i) => ({ doc_id: `${id} ${i}`, text: `Text ${i}.` }));
    const added = await user.post('/rag/add_documents', { body: { documents: texts, collection_id: id } });
    expect(added.status).toBe(200);
    const { removal_id } = (await user.delete(`/collections/${id}`)).body;
    await until('removed', async () => (await user.get(`/removals/${removal_id}`)).body.status === 'done');
  };

  test('are tried ever less often, are told together, and go once they can', async () => {
    const hidden = await addHidden();
    const stuck = new Set(hidden.map(({ file_key }) => file_key));
    const storage = app.app.get(StorageService, { strict: false });
    const deletes = storage.delete.bind(storage);
    const refusing = jest
      .spyOn(storage, 'delete')
      .mockImplementation(async (keys) => [
        ...(await deletes(keys.filter((key) => !stuck.has(key)))),
        ...keys.filter((key) => stuck.has(key)).map((key) => ({ key, cause: { code: 'AccessDenied' } })),
      ]);
    const errors = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const told = (): unknown[] => errors.mock.calls.map(([, message]) => message as unknown);

    // Three steps, in each of which the removed are looked for.
    await removeCollection(230);
    await until('put off', async () => (await putOff()).every(({ tries }) => tries === 1));
    expect(await putOff()).toEqual([{ seconds: 30, tries: 1, n: FILES }]);
    expect(hidden.map(({ id }) => taken.get(id))).toEqual(hidden.map(() => 1));
    expect(told()).toEqual([
      '100 files cannot be deleted; they are tried again and again',
      '50 files cannot be deleted; they are tried again and again',
    ]);

    for (const [tries, seconds] of [
      [2, 60],
      [3, 120],
    ]) {
      await makeDue();
      await until('tried again', async () => (await putOff()).every((row) => row.tries === tries));
      expect(await putOff()).toEqual([{ seconds, tries, n: FILES }]);
    }
    await app.source.query('update removable_versions set tries = 15');
    await makeDue();
    await until('tried again', async () => (await putOff()).every(({ tries }) => tries === 16));
    expect(await putOff()).toEqual([{ seconds: 3600, tries: 16, n: FILES }]);
    expect(told()).toHaveLength(2);

    refusing.mockRestore();
    await makeDue();
    await until('gone', async () => (await putOff()).length === 0);
    expect(
      await app.source.query('select 1 from document_versions where id = any($1::uuid[])', [
        hidden.map(({ id }) => id),
      ]),
    ).toEqual([]);
  });
});
