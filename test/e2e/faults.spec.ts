import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { REMOVE_JOB } from '../../src/documents/document-jobs.types.js';
import { JobQueue } from '../../src/jobs/job-queue.service.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { describeWithShared, sharedDir } from '../support/shared.js';

const note = (content: string) => ({ name: 'note.txt', data: Buffer.from(content), type: 'text/plain' });

describe.each(['gone', 'no folder'])('a file store that fails (%s)', (how) => {
  let app: TestApp;
  let user: Browser;
  let files: string;

  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
    files = path.join(app.settings.dataDir, 'files');
    await user.upload([note('the first file')]);
  });
  afterAll(() => app?.close());

  /**
   * As when a disk is not mounted, or broken: a file where the folder should be can be neither written nor read, whoever
   * the process runs as.
   */
  const takeAway = (): void => {
    fs.renameSync(files, `${files}.away`);
    if (how === 'no folder') fs.writeFileSync(files, '');
  };
  const giveBack = (): void => {
    // Nobody has made another one in its place: what is put there is hidden by the one that comes back.
    if (how === 'gone') expect(fs.existsSync(files)).toBe(false);
    fs.rmSync(files, { force: true });
    fs.renameSync(`${files}.away`, files);
  };

  it('refuses uploads with 503, answers everything else, and works again without a restart', async () => {
    takeAway();
    try {
      const refused = await user.upload([note('nowhere to go')]);
      expect([refused.status, refused.body.code]).toEqual([503, 'file_store_unavailable']);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      const { items } = (await user.get('/documents')).body;
      expect(items).toHaveLength(1);
      const content = await user.get(`/documents/${items[0].id}/content`);
      expect([content.status, content.body.code]).toEqual([503, 'file_store_unavailable']);
      const added = await user.post('/rag/add_document', {
        body: { doc_id: 't', text: 'a text needs no file' },
      });
      expect(added.status).toBe(200);
      const admin = await new Browser(app, app.admin).signedIn();
      expect((await admin.get('/admin/health')).body.parts.files.status).toBe('degraded');
    } finally {
      giveBack();
    }
    const accepted = await user.upload([note('somewhere to go')]);
    expect(accepted.status).toBe(202);
    expect((await user.settled(accepted.body.documents[0].id)).status).toBe('ready');
  });

  it('loses no file that it could not read for a while, and fails none', async () => {
    const many = Array.from({ length: 40 }, (_, i) => note(`a patient file ${i}`));
    const accepted = await user.upload(many);
    takeAway();
    try {
      await sleep(4000);
      const { body } = await user.get('/documents?status=failed');
      expect(body.items).toEqual([]);
    } finally {
      giveBack();
    }
    for (const { id } of accepted.body.documents as { id: string }[]) {
      const { status, error } = await user.settled(id, 200_000);
      expect({ status, error }).toEqual({ status: 'ready', error: null });
    }
  });

  it('removes bytes of deleted documents once it can', async () => {
    const accepted = await user.upload([note('to be deleted in the dark')]);
    const { id } = await user.settled(accepted.body.documents[0].id);
    const [version] = await app.source.query<{ file_key: string }[]>(
      'select v.file_key from document_versions v join documents d on d.latest_version_id = v.id where d.id = $1',
      [id],
    );
    takeAway();
    try {
      expect((await user.delete(`/documents/${id}`)).status).toBe(202);
      expect((await user.get(`/documents/${id}`)).status).toBe(404);
      await sleep(2500);
      expect(fs.existsSync(path.join(`${files}.away`, version?.file_key ?? ''))).toBe(true);
    } finally {
      giveBack();
    }
    const file = path.join(files, version?.file_key ?? '');
    for (const until = Date.now() + 200_000; fs.existsSync(file) && Date.now() < until;) await sleep(200);
    expect(fs.existsSync(file)).toBe(false);
  });
});

describeWithShared('an encoder that is missing', ['models/all-MiniLM-L6-v2/config.json'], () => {
  const MODEL = 'all-MiniLM-L6-v2';
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app?.close());

  it('holds nothing up, is told, and is made up for when it comes, without a restart', async () => {
    const user = await Browser.signedUp(app);
    const accepted = await user.upload([note('The ropewalk burned in the year of the comet.')]);
    const file = await user.settled(accepted.body.documents[0].id);
    expect([file.status, file.indexed]).toEqual(['ready', 'lexical']);
    const added = await user.post('/rag/add_document', {
      body: { doc_id: 'text', text: 'The foundry cast bells in the same year.' },
    });
    expect([added.status, added.body.indexed]).toEqual([200, 'lexical']);
    const ask = async (): Promise<{
      results: { id: string }[];
      retrieval: { mode: string; degraded: unknown[] };
    }> => {
      const answer = await user.post('/rag/rag_query', { body: { query: 'When did the ropewalk burn?' } });
      expect(answer.status).toBe(200);
      return answer.body;
    };
    const before = await ask();
    expect(before.results[0]?.id).toBe(file.doc_id);
    expect(before.retrieval.degraded.length).toBeGreaterThan(0);

    fs.cpSync(path.join(sharedDir, 'models', MODEL), path.join(app.settings.modelsDir, MODEL), {
      recursive: true,
    });
    const until = Date.now() + 200_000;
    for (;;) {
      const { body } = await user.get('/documents');
      const states = (body.items as { status: string; indexed: string }[]).map((item) => item.indexed);
      if (states.length === 2 && states.every((state) => state === 'full')) break;
      if (Date.now() > until) throw new Error(`the vectors do not come: ${states.join()}`);
      await sleep(250);
    }
    const after = await ask();
    expect(after.results[0]?.id).toBe(file.doc_id);
    expect(after.retrieval.degraded).toEqual([]);
  });
});

describe('one file that the store refuses', () => {
  let app: TestApp;
  let user: Browser;
  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
    await user.settled((await user.upload([note('the first file')])).body.documents[0].id);
  });
  afterAll(() => app?.close());

  const query = <T>(sql: string, values: unknown[]): Promise<T[]> => app.source.query<T[]>(sql, values);
  const versionOf = async (id: string): Promise<{ id: string; file_key: string; read_failures: number }> =>
    (
      await query<{ id: string; file_key: string; read_failures: number }>(
        `select v.id, v.file_key, v.read_failures from document_versions v
         join documents d on d.latest_version_id = v.id where d.id = $1`,
        [id],
      )
    )[0]!;

  it('is counted against it, holds up nobody, and is told in the end; then it can be read again', async () => {
    // A link to itself cannot be opened, whoever the process runs as; the store itself is well.
    const { body } = await user.upload([{ name: 'a.pdf', data: Buffer.from('%PDF-1.7\nbroken') }]);
    const { id } = await user.settled(body.documents[0].id);
    const { file_key } = await versionOf(id);
    const file = path.join(app.settings.dataDir, 'files', file_key);
    fs.renameSync(file, `${file}.away`);
    fs.symlinkSync(file, file);
    expect((await user.post(`/documents/${id}/retry`)).status).toBe(202);
    for (const until = Date.now() + 200_000; (await versionOf(id)).read_failures < 2; await sleep(100))
      if (Date.now() > until) throw new Error('nothing was counted');
    // What others upload is read meanwhile.
    const other = await Browser.signedUp(app);
    const accepted = await other.upload([note('a file of somebody else')]);
    expect((await other.settled(accepted.body.documents[0].id)).status).toBe('ready');

    // A matter of minutes otherwise.
    await query('update document_versions set read_failures = 19 where id = $1', [(await versionOf(id)).id]);
    expect((await user.settled(id, 200_000)).error.code).toBe('document_file_unreadable');
    fs.unlinkSync(file);
    fs.renameSync(`${file}.away`, file);
    expect((await user.post(`/documents/${id}/retry`)).status).toBe(202);
    expect((await user.settled(id, 200_000)).error.code).toBe('document_corrupt');
  });

  it('holds up nothing that is deleted with it, and goes once it can', async () => {
    const other = await Browser.signedUp(app);
    const files = (key: string): string => path.join(app.settings.dataDir, 'files', key);
    const collection = (await other.post('/collections', { body: { name: 'leaving' } })).body.id;
    const upload = async (
      browser: Browser,
      fields = {},
    ): Promise<{ id: string; version: string; file: string }> => {
      const { body } = await browser.upload([note(`stuck ${browser.account.email}`)], fields);
      const { id } = await browser.settled(body.documents[0].id);
      const version = await versionOf(id);
      return { id, version: version.id, file: files(version.file_key) };
    };
    const [stuck, free] = [await upload(user), await upload(other, { collection_id: collection })];
    const isLeft = async ({ version }: { version: string }): Promise<boolean> =>
      (await query('select 1 from document_versions where id = $1', [version])).length > 0;
    const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
      for (const end = Date.now() + 200_000; !(await holds()); await sleep(200))
        if (Date.now() > end) throw new Error(`not ${what}`);
    };
    // A folder is not deleted as a file is, whoever the process runs as.
    fs.renameSync(stuck.file, `${stuck.file}.away`);
    fs.mkdirSync(path.join(stuck.file, 'folder'), { recursive: true });
    expect((await user.delete(`/documents/${stuck.id}`)).status).toBe(202);
    const removed = await other.delete(`/collections/${collection}`);
    await until('removed', async () => {
      return (await other.get(`/removals/${removed.body.removal_id}`)).body.status === 'done';
    });
    expect([await isLeft(free), fs.existsSync(free.file)]).toEqual([false, false]);
    expect(await isLeft(stuck)).toBe(true);

    fs.rmSync(stuck.file, { recursive: true });
    fs.renameSync(`${stuck.file}.away`, stuck.file);
    const jobs = app.app.get(JobQueue, { strict: false });
    await until('deleted', async () => {
      // Else it would be due half a minute later, with the next minute only.
      await query('update removable_versions set put_off_until = now() where put_off_until is not null', []);
      await app.source.transaction((tx) => jobs.enqueue(tx, REMOVE_JOB, {}));
      jobs.wake(REMOVE_JOB);
      return !(await isLeft(stuck));
    });
    expect(fs.existsSync(stuck.file)).toBe(false);
  });

  it('does not run out of time while it waits for the reader', async () => {
    const { body } = await user.upload([note('patient')]);
    const { id } = await versionOf(body.documents[0].id);
    const [job] = await query<{ seconds: number }>(
      'select expire_seconds as seconds from pgboss.job where id = $1',
      [id],
    );
    // One that is being read for as long as it may, the three that were claimed behind it, and itself.
    expect(job!.seconds).toBeGreaterThanOrEqual(5 * 15 * app.settings.extractTimeout);
  });
});
