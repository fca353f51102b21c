import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Reconciler } from '../../src/ingestion/reconcile/reconcile.service.js';
import { VectorCheck } from '../../src/ingestion/reconcile/vector-check.service.js';
import { SegmentsLexicalIndex } from '../../src/lexical/adapters/segments/segments.adapter.js';
import { StorageService } from '../../src/storage/storage.service.js';
import { VectorService } from '../../src/vector/vector.service.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { reconcile } from '../support/reconcile.js';
import { describeWithShared, sharedDir } from '../support/shared.js';
import { storedFiles, untilQuiet } from '../support/stored-files.js';

const HOURS_AGO = new Date(Date.now() - 3 * 3_600_000);

describe('comparing the database with the file store', () => {
  let app: TestApp;
  let admin: Browser;
  let user: Browser;

  beforeAll(async () => {
    app = await startTestApp();
    admin = await new Browser(app, app.admin).signedIn();
    user = await Browser.signedUp(app);
  });
  afterAll(() => app?.close());

  const store = (key: string): string => path.join(app.settings.dataDir, 'files', key);
  const orphan = (time: Date): string => {
    const id = randomUUID();
    const key = `${id.slice(0, 2)}/${id}`;
    fs.mkdirSync(path.dirname(store(key)), { recursive: true });
    fs.writeFileSync(store(key), 'nobody knows me');
    fs.utimesSync(store(key), time, time);
    return key;
  };

  it('finds nothing where nothing is wrong', async () => {
    const { body } = await user.upload([{ name: 'a.txt', data: Buffer.from('all is well') }]);
    await user.settled(body.documents[0].id);
    const report = await reconcile(admin, { dry_run: false });
    for (const name of [
      'orphan_files',
      'missing_files',
      'orphan_vectors',
      'missing_vectors',
      'orphan_words',
      'missing_words',
      'stray_versions',
    ])
      expect(report[name]).toMatchObject({ found: 0 });
    expect((await user.get(`/documents/${body.documents[0].id}/content`)).text).toBe('all is well');
  });

  it('reports first, mends when it is told to, and leaves alone what may be on its way', async () => {
    const { body } = await user.upload([{ name: 'b.txt', data: Buffer.from('about to lose its file') }]);
    const { id } = await user.settled(body.documents[0].id);
    const [version] = await app.source.query<{ id: string; file_key: string }[]>(
      'select v.id, v.file_key from document_versions v join documents d on d.latest_version_id = v.id where d.id = $1',
      [id],
    );
    fs.rmSync(store(version?.file_key ?? ''));
    const [old, young] = [orphan(HOURS_AGO), orphan(new Date())];
    const stranger = path.join(path.dirname(store(old)), 'not-ours.txt');
    fs.writeFileSync(stranger, 'kept');
    fs.utimesSync(stranger, HOURS_AGO, HOURS_AGO);
    await app.source.query(
      `insert into document_versions (id, mime, byte_size, sha256, created_at)
       values ($1, 'text/plain', 1, '\\x00', now() - interval '3 hours')`,
      [randomUUID()],
    );
    await app.source.query('update user_usage set documents = documents + 7, bytes = bytes + 7');

    const dry = await reconcile(admin, {});
    expect(dry).toMatchObject({
      orphan_files: { found: 1, mended: 0, examples: [old] },
      missing_files: { found: 1, mended: 0, examples: [version?.id] },
      stray_versions: { found: 1, mended: 0 },
    });
    expect(dry['wrong_usage']?.found).toBeGreaterThan(0);
    expect(fs.existsSync(store(old))).toBe(true);

    const mended = await reconcile(admin, { dry_run: false });
    expect(mended).toMatchObject({
      orphan_files: { found: 1, mended: 1 },
      missing_files: { found: 1, mended: 0 },
      stray_versions: { found: 1, mended: 1 },
    });
    expect(fs.existsSync(store(old))).toBe(false);
    expect(fs.existsSync(store(young))).toBe(true);
    expect(fs.existsSync(stranger)).toBe(true);

    const again = await reconcile(admin, {});
    expect(again).toMatchObject({
      orphan_files: { found: 0 },
      missing_files: { found: 1 },
      stray_versions: { found: 0 },
      wrong_usage: { found: 0 },
    });
    const { body: state } = await admin.get('/admin/index');
    expect(state.last_check).toMatchObject({ status: 'done', dry_run: true, report: again });
    expect((await user.get(`/documents/${id}/content`)).status).toBe(404);

    // The same bytes once more are what it lacks.
    const lost = { name: 'again.txt', data: Buffer.from('about to lose its file') };
    const sent = await user.upload([lost]);
    expect([sent.status, sent.body.documents[0].duplicate_of]).toEqual([202, id]);
    expect((await user.get(`/documents/${id}/content`)).text).toBe('about to lose its file');
    expect((await user.get(`/documents/${id}`)).body).toMatchObject({ status: 'ready', file_name: 'b.txt' });
    const files = storedFiles(app);
    expect((await user.upload([lost])).status).toBe(202);
    expect(storedFiles(app)).toEqual(files);
    expect(await reconcile(admin, {})).toMatchObject({ missing_files: { found: 0 } });
  });

  it('compares all else where unfinished uploads may not be listed, and says so once', async () => {
    const storage = app.app.get(StorageService, { strict: false });
    const refused = new Error('AccessDenied');
    const unfinished = jest.spyOn(storage, 'removeUnfinished').mockRejectedValue(refused);
    const errors = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    try {
      for (let time = 0; time < 2; time++) {
        await app.source.query(
          `insert into document_versions (id, mime, byte_size, sha256, created_at)
           values ($1, 'text/plain', 1, '\\x00', now() - interval '3 hours')`,
          [randomUUID()],
        );
        const report = await reconcile(admin, { dry_run: false });
        expect(report['stray_versions']).toMatchObject({ found: 1, mended: 1 });
      }
      expect(unfinished).toHaveBeenCalledTimes(2);
      expect(errors.mock.calls).toEqual([
        [{ err: refused }, 'what was left of unfinished uploads cannot be removed'],
      ]);
    } finally {
      errors.mockRestore();
      unfinished.mockRestore();
    }
  });

  it('leaves alone what is on its way, however wrong the clock of this machine is', async () => {
    const uploading = orphan(new Date());
    const left = orphan(HOURS_AGO);
    const { id } = (await admin.me()).body;
    const ahead = Date.now() + 2 * 3_600_000;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => ahead);
    try {
      await app.app.get(Reconciler, { strict: false }).request(false, id, 120_000);
    } finally {
      clock.mockRestore();
    }
    expect([uploading, left].map((key) => fs.existsSync(store(key)))).toEqual([true, false]);
    fs.rmSync(store(uploading));
  });

  it('fails a file that went before it was read, with a reason', async () => {
    const { body } = await user.upload([{ name: 'c.pdf', data: Buffer.from('%PDF-1.7\nsoon gone') }]);
    const { id } = await user.settled(body.documents[0].id);
    const [version] = await app.source.query<{ file_key: string }[]>(
      'select v.file_key from document_versions v join documents d on d.latest_version_id = v.id where d.id = $1',
      [id],
    );
    fs.rmSync(store(version?.file_key ?? ''));
    await user.post(`/documents/${id}/retry`);
    expect((await user.settled(id)).error.code).toBe('document_file_missing');
  });

  it('reads a file that was gone when it comes again', async () => {
    const data = Buffer.from('The tide table hangs in the harbour office.');
    const sent = await user.upload([{ name: 'tides.txt', data }], { doc_id: 'tides' });
    const { id } = await user.settled(sent.body.documents[0].id);
    const [version] = await app.source.query<{ file_key: string }[]>(
      'select v.file_key from document_versions v join documents d on d.latest_version_id = v.id where d.id = $1',
      [id],
    );
    fs.rmSync(store(version?.file_key ?? ''));
    expect((await user.patch(`/documents/${id}`, { body: { title: 'Ebb and flow' } })).status).toBe(200);
    expect((await user.settled(id)).error.code).toBe('document_file_missing');
    expect((await user.upload([{ name: 'tides.txt', data }], { doc_id: 'tides' })).status).toBe(202);
    expect(await user.settled(id)).toMatchObject({ status: 'ready', title: 'Ebb and flow', error: null });
    expect((await user.get(`/documents/${id}/content`)).text).toBe(data.toString());
    await untilQuiet(app);
    expect(await reconcile(admin, {})).toMatchObject({ orphan_files: { found: 0 } });
    expect((await user.get(`/documents/${id}/content`)).text).toBe(data.toString());
  });

  it('reports what the word index lost, and what it keeps of documents that are gone, and mends both', async () => {
    const add = async (doc_id: string): Promise<{ document: string; version: string }> => {
      const body = { doc_id, text: `The ${doc_id} stands at the harbour.`, wait_ms: 0 };
      const { body: added } = await user.post('/rag/add_document', { body });
      const [row] = await app.source.query<{ version: string }[]>(
        'select active_version_id as version from documents where id = $1',
        [added.document_id],
      );
      return { document: added.document_id, version: row?.version ?? '' };
    };
    const lost = await add('lighthouse');
    await reconcile(admin, { dry_run: false });
    const [shown] = await app.source.query<{ n: number }[]>(
      `select count(*)::int as n from documents where deleted_at is null
         and exists (select from chunks where version_id = active_version_id)`,
    );
    await app.source.query('delete from lexical_segments');
    const ghost = await add('warehouse');
    await app.source.query('update documents set deleted_at = now() where id = $1', [ghost.document]);

    // What a process finds that starts now, before it has completed the index.
    const found = async (): Promise<string[]> => {
      const index = new SegmentsLexicalIndex(app.source);
      try {
        const { body } = await user.get(`/documents/${lost.document}`);
        const scope = { topK: 10, level: 'document' as const, collectionIds: [body.collection_id] };
        return (await index.query('lighthouse warehouse', scope)).map(({ versionId }) => versionId);
      } finally {
        await index.close();
      }
    };
    expect(await found()).toEqual([ghost.version]);
    const dry = await reconcile(admin, {});
    expect(dry).toMatchObject({
      orphan_words: { found: 1, mended: 0, examples: [ghost.version] },
      missing_words: { found: shown?.n, mended: 0, examples: expect.arrayContaining([lost.version]) },
    });
    expect(await found()).toEqual([ghost.version]);

    expect(await reconcile(admin, { dry_run: false })).toMatchObject({
      orphan_words: { found: 1, mended: 1 },
      missing_words: { found: shown?.n, mended: shown?.n },
    });
    expect(await found()).toEqual([lost.version]);
    const answer = await user.post('/rag/rag_query', { body: { query: 'lighthouse warehouse' } });
    expect(answer.body.results.map((hit: { id: string }) => hit.id)).toEqual(['lighthouse']);
    expect(await reconcile(admin, {})).toMatchObject({
      orphan_words: { found: 0 },
      missing_words: { found: 0 },
    });
  });

  it('is for administrators', async () => {
    for (const answer of [
      await user.get('/admin/index'),
      await user.post('/admin/index/reconcile', { body: {} }),
      await user.get('/admin/jobs'),
      await user.post(`/admin/jobs/${randomUUID()}/cancel`),
    ])
      expect([answer.status, answer.body.code]).toEqual([403, 'forbidden']);
    expect((await admin.post('/admin/index/reconcile', { body: { dry: true } })).status).toBe(400);
  });

  describe('jobs', () => {
    it('are listed, filtered, retried and cancelled', async () => {
      const { body } = await user.upload([{ name: 'd.pdf', data: Buffer.from('%PDF-1.7\nfor the list') }]);
      const { id } = await user.settled(body.documents[0].id);
      const me = (await user.me()).body.id as string;
      const list = async (query: string) => (await admin.get(`/admin/jobs?${query}`)).body.items;
      let failed: { id: string; error: string }[] = [];
      for (const until = Date.now() + 120_000; failed.length === 0 && Date.now() < until; await sleep(100))
        failed = (await list(`name=documents.ingest&state=failed&user_id=${me}&limit=1`)) as typeof failed;
      expect(failed[0]?.error).toContain('document_corrupt');
      const job = failed[0]?.id ?? '';

      const retried = await admin.post(`/admin/jobs/${job}/retry`);
      expect(retried.status).toBe(202);
      expect((await user.settled(id)).status).toBe('failed');
      expect((await admin.post(`/admin/jobs/${randomUUID()}/retry`)).status).toBe(404);
      const [done] = await list('state=completed&limit=1');
      for (const route of ['retry', 'cancel'])
        expect((await admin.post(`/admin/jobs/${done.id}/${route}`)).body.code).toBe('conflict');

      const many = Array.from({ length: 60 }, (_, i) => ({
        name: `${i}.txt`,
        data: Buffer.from(`waiting file ${i}`),
      }));
      const accepted = await user.upload(many);
      const last = accepted.body.documents.at(-1).id as string;
      const [row] = await app.source.query<{ id: string }[]>(
        'select latest_version_id as id from documents where id = $1',
        [last],
      );
      expect((await admin.post(`/admin/jobs/${row?.id}/cancel`)).body.state).toBe('cancelled');
      expect((await user.get(`/documents/${last}`)).body.error.code).toBe('document_cancelled');
      expect((await admin.post(`/admin/jobs/${row?.id}/retry`)).status).toBe(202);
      expect((await user.settled(last)).status).toBe('ready');
    });

    it('are paged without losing one', async () => {
      const seen = new Set<string>();
      let cursor: string | null = '';
      while (cursor !== null) {
        const query: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
        const { body } = await admin.get(`/admin/jobs?name=documents.ingest&limit=7${query}`);
        for (const item of body.items) seen.add(item.id);
        cursor = body.next_cursor;
      }
      const [all] = await app.source.query<{ n: number }[]>(
        "select count(*)::int as n from pgboss.job where name = 'documents.ingest'",
      );
      expect(seen.size).toBe(all?.n);
    });
  });
});

describeWithShared('comparing the database with the vector index', ['models/all-MiniLM-L6-v2'], () => {
  let app: TestApp;
  let admin: Browser;

  beforeAll(async () => {
    app = await startTestApp({ MODELS_DIR: path.join(sharedDir, 'models') });
    admin = await new Browser(app, app.admin).signedIn();
    for (const until = Date.now() + 120_000; Date.now() < until; await sleep(200))
      if ((await app.http().get('/health/ready')).status === 200) break;
  });
  afterAll(() => app?.close());

  const add = async (doc_id: string): Promise<void> => {
    const body = { doc_id, text: `The ${doc_id} stands at the harbour.`, wait_ms: 60_000 };
    expect((await admin.post('/rag/add_document', { body })).body.indexed).toBe('full');
  };
  const remove = async (doc_id: string): Promise<void> => {
    expect((await admin.delete(`/documents?doc_id=${doc_id}`)).status).toBeLessThan(300);
  };

  it('removes vectors of nothing, and makes lost ones again', async () => {
    await add('lighthouse');
    await add('warehouse');
    // The comparison that every start makes must not mend what is damaged here.
    await reconcile(admin, {});
    const vectors = app.app.get(VectorService);
    const index = await vectors.activeIndex();
    if (!index) throw new Error('no index');
    const ghost = { chunkId: randomUUID(), versionId: randomUUID(), documentId: randomUUID() };
    const vector = new Float32Array(index.dimensions).fill(0.1);
    await vectors.upsert(index, [{ ...ghost, collectionId: randomUUID(), vector }]);
    const [lost] = await app.source.query<{ id: string }[]>(
      "select active_version_id as id from documents where external_id = 'lighthouse'",
    );
    await vectors.deleteVersions([lost?.id ?? '']);
    expect(await vectors.count()).toBe(2);

    expect(await reconcile(admin, {})).toMatchObject({
      orphan_vectors: { found: 1, mended: 0, examples: [ghost.versionId] },
      missing_vectors: { found: 1, mended: 0, examples: [lost?.id] },
    });
    expect(await reconcile(admin, { dry_run: false })).toMatchObject({
      orphan_vectors: { found: 1, mended: 1 },
      missing_vectors: { found: 1, mended: 1 },
    });
    let state = { vectors: 0, waiting: 1 };
    for (const until = Date.now() + 120_000; state.waiting > 0 && Date.now() < until; await sleep(200))
      state = (await admin.get('/admin/index')).body;
    expect(state).toMatchObject({ vectors: 2, waiting: 0, indexes: [{ state: 'active', dimensions: 384 }] });
    expect(await reconcile(admin, {})).toMatchObject({
      orphan_vectors: { found: 0 },
      missing_vectors: { found: 0 },
    });
  });

  it('lacks nothing of documents that come and go while it looks', async () => {
    await add('ferry');
    const vectors = app.app.get(VectorService);
    const stored = vectors.storedVersions.bind(vectors);
    let looked = 0;
    const looking = jest.spyOn(vectors, 'storedVersions').mockImplementation(async function* (index) {
      looked++;
      await remove('ferry');
      for (const until = Date.now() + 60_000; (await vectors.count()) > 2 && Date.now() < until;)
        await sleep(50);
      yield* stored(index);
      await add('crane');
    });
    const report = await reconcile(admin, { dry_run: false }).finally(() => looking.mockRestore());
    expect([looked, report]).toMatchObject([1, { missing_vectors: { found: 0, mended: 0 } }]);
    expect((await admin.get('/documents?doc_id=crane')).body.items[0].indexed).toBe('full');
  });

  it('does not make again what was removed since', async () => {
    await add('buoy');
    const vectors = app.app.get(VectorService);
    const check = app.app.get(VectorCheck, { strict: false });
    const index = (await vectors.listOwn()).find(({ state }) => state === 'active');
    const [lost] = await app.source.query<{ id: string }[]>(
      "select active_version_id as id from documents where external_id = 'buoy'",
    );
    await vectors.deleteVersions([lost!.id]);
    const difference = await check.compare(index!, new AbortController().signal);
    expect(difference.missing).toEqual([lost!.id]);
    await app.source.query("update documents set deleted_at = now() where external_id = 'buoy'");
    await check.mend(difference);
    expect(await app.source.query('select 1 from embedding_backlog')).toEqual([]);
  });
});
