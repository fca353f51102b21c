import { jest } from '@jest/globals';
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddingsService } from '../../src/embeddings/embeddings.service.js';
import { SwitchLedger } from '../../src/encoders/switch-ledger.service.js';
import { VectorService } from '../../src/vector/vector.service.js';
import { newDataDir, startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { activeIndex, expectWhole, inventory, reach, uses } from '../support/encoder-switch.js';
import { FakeGemini } from '../support/fake-gemini.js';
import { describeWithShared, sharedDir } from '../support/shared.js';

const MINILM = 'all-MiniLM-L6-v2';
const BGE = 'bge-small-en-v1.5';
const MODELS = [`models/${MINILM}/config.json`, `models/${BGE}/config.json`];

const TOPICS = ['penguins eat krill', 'volcanoes erupt lava', 'violins have strings', 'bakers knead dough'];
const note = (i: number): { doc_id: string; text: string } => ({
  doc_id: `note-${i}`,
  text: `${TOPICS[i % TOPICS.length]}, says note number ${i}. It was written on day ${i} of the year.`,
});

const find = async (user: Browser, query: string, mode = 'dense', n_results = 3) => {
  const { body } = await user.post('/rag/rag_query', { body: { query, mode, n_results } });
  return body as {
    results: { id: string; distance: number | null }[];
    retrieval: { mode: string; degraded: string[] };
  };
};

const add = (user: Browser, documents: object[], wait_ms = 60_000) =>
  user.post('/rag/add_documents', { body: { documents, wait_ms } });

describeWithShared('changing the encoder', MODELS, () => {
  let app: TestApp;
  let admin: Browser;
  let user: Browser;

  beforeAll(async () => {
    app = await startTestApp({ MODELS_DIR: `${sharedDir}/models` });
    admin = await new Browser(app, app.admin).signedIn();
    user = await Browser.signedUp(app);
    await uses(admin, MINILM);
    const added = await add(
      user,
      Array.from({ length: 60 }, (_, i) => note(i)),
    );
    expect(added.body.results.every((one: { indexed: string }) => one.indexed === 'full')).toBe(true);
  });
  afterAll(() => app?.close());

  const change = (body: object): ReturnType<Browser['post']> => admin.post('/admin/index', { body });

  it('refuses what cannot be done, each with its own code', async () => {
    const codes: [object, number, string][] = [
      [{ encoder: 'word2vec' }, 400, 'unknown_encoder'],
      [{ encoder: MINILM }, 409, 'encoder_in_use'],
      [{ encoder: 'gemini:gemini-embedding-001' }, 409, 'encoder_not_installed'],
      [{}, 400, 'validation_failed'],
      [{ encoder: 7 }, 400, 'validation_failed'],
      [{ encoder: BGE, activate: 'soon' }, 400, 'validation_failed'],
      [{ encoder: BGE, activate: 'if_not_worse' }, 400, 'validation_failed'],
      [{ encoder: BGE, sample: { queries: [] } }, 400, 'validation_failed'],
      [
        { encoder: BGE, sample: { queries: [{ query: 'x', relevant: [{ doc_id: 'note-1' }] }] } },
        400,
        'validation_failed',
      ],
      [
        {
          encoder: BGE,
          sample: {
            collection_ids: ['4a1b0c1e-0000-4000-8000-000000000000'],
            queries: [{ query: 'x', relevant: [{ doc_id: 'y' }] }],
          },
        },
        404,
        'not_found',
      ],
    ];
    for (const [body, status, code] of codes) {
      const answer = await change(body);
      expect([answer.status, answer.body.code, body]).toEqual([status, code, body]);
    }
    expect((await admin.post('/admin/index/rollback')).body.code).toBe('no_previous_encoder');
    expect((await admin.post('/admin/index/activate')).body.code).toBe('no_encoder_switch');
    expect((await admin.post('/admin/index/cancel')).body.code).toBe('no_encoder_switch');
    const { id } = await activeIndex(admin);
    expect((await admin.delete(`/admin/index/${id}`)).body.code).toBe('encoder_in_use');
    expect((await admin.delete('/admin/index/4a1b0c1e-0000-4000-8000-000000000000')).status).toBe(404);
    for (const path of ['', '/rollback', '/activate', '/cancel'])
      expect((await user.post(`/admin/index${path}`, { body: { encoder: BGE } })).status).toBe(403);
    const { body } = await admin.get('/admin/index');
    expect(body).toMatchObject({ encoder: MINILM, configured_encoder: MINILM, encoder_switch: null });
    expect(body.encoders).toContainEqual({ name: BGE, dimensions: 384, usable: true, advice: null });
  });

  it('keeps no index of a change that did not begin', async () => {
    const states = async (): Promise<[string, string][]> =>
      (await admin.get('/admin/index')).body.indexes.map((one: { model: string; state: string }) => [
        one.model,
        one.state,
      ]);
    const beginning = jest
      .spyOn(app.app.get(SwitchLedger, { strict: false }), 'begin')
      .mockRejectedValueOnce(new Error('the database is away'));
    const failed = await change({ encoder: BGE }).finally(() => beginning.mockRestore());
    expect(failed.status).toBe(500);
    expect(await states()).toEqual([
      [MINILM, 'active'],
      [BGE, 'retired'],
    ]);
    const vectors = app.app.get(VectorService);
    expect(await vectors.dropRetired(0)).toBe(1);

    // As a process leaves it that ends before the change begins.
    const { id } = await vectors.makeIndex({ modelId: BGE, dimensions: 384 });
    expect((await states())[1]).toEqual([BGE, 'building']);
    expect((await admin.delete(`/admin/index/${id}`)).status).toBe(204);
    expect(await states()).toEqual([[MINILM, 'active']]);
  });

  it('builds, compares, and waits for the administrator; documents that come, change and go meanwhile are right', async () => {
    const before = await activeIndex(admin);
    const near = (await find(user, 'What do penguins eat?')).results[0]!;
    const distance = async (): Promise<number | null | undefined> =>
      (await find(user, 'What do penguins eat?', 'dense', 100)).results.find((one) => one.id === near.id)
        ?.distance;
    await user.post('/collections', { body: { name: 'of the user' } });
    const shared = await admin.post('/collections', { body: { name: 'of the administrator' } });
    await admin.post('/rag/add_documents', {
      body: {
        collection_id: shared.body.id,
        wait_ms: 60_000,
        documents: [
          { doc_id: 'krill', text: 'Penguins feed on krill and small fish.' },
          { doc_id: 'lava', text: 'Volcanoes throw out molten rock.' },
        ],
      },
    });
    const started = await change({
      encoder: BGE,
      activate: 'manual',
      sample: {
        collection_ids: [shared.body.id],
        queries: [
          { query: 'What do penguins eat?', relevant: [{ doc_id: 'krill' }] },
          { query: 'Where does molten rock come from?', relevant: [{ doc_id: 'lava', grade: 2 }] },
        ],
      },
    });
    expect(started.status).toBe(202);
    expect(started.body).toMatchObject({
      kind: 'switch',
      phase: 'building',
      encoder: BGE,
      previous_encoder: MINILM,
    });
    expect((await change({ encoder: BGE })).body.code).toBe('encoder_switch_running');
    const { body: built } = await admin.get('/admin/index');
    const building = built.indexes.find((index: { state: string }) => index.state === 'building');
    expect((await admin.delete(`/admin/index/${building.id}`)).body.code).toBe('encoder_in_use');

    // While the second index is being built.
    const writing = await Promise.all([
      add(user, [note(100), note(101)], 0),
      add(user, [{ doc_id: 'note-1', text: 'Completely different: tax is due in spring.' }], 0),
      user.delete('/documents?doc_id=note-2'),
      distance(),
    ]);
    expect(writing[3]).toBe(near.distance);
    const ready = await reach(admin, 'ready');
    expect(ready.progress.done).toBe(ready.progress.total);
    expect(ready.comparison).toEqual({
      queries: 2,
      before: { encoder: MINILM, ndcg10: 1 },
      after: { encoder: BGE, ndcg10: 1 },
      better: 0,
      worse: 0,
    });
    // Nothing has changed for those who ask.
    expect(await distance()).toBe(near.distance);

    // After it was built, and before it is used.
    await add(user, [note(102)]);
    await user.delete('/documents?doc_id=note-3');
    expect((await admin.post('/admin/index/activate')).status).toBe(202);
    await reach(admin, 'done');
    await uses(admin, BGE);
    const after = await activeIndex(admin);
    expect(after).toMatchObject({ model: BGE });
    expect(after.id).not.toBe(before.id);
    await expectWhole(app, after.id);
    for (const id of ['note-1', 'note-100', 'note-101', 'note-102']) {
      const { body } = await user.get(`/documents?doc_id=${id}`);
      expect([id, body.items[0].indexed, body.items[0].status]).toEqual([id, 'full', 'ready']);
    }
    // Another encoder, other distances, the same documents.
    const now = await find(user, 'What do penguins eat?', 'dense', 100);
    expect(await distance()).not.toBe(near.distance);
    expect(now.results).toHaveLength(61);
    expect(now.results.map((result) => result.id)).not.toContain('note-2');
    expect((await find(user, 'When is tax due?')).results[0]!.id).toBe('note-1');
    expect((await add(user, [note(103)])).body.results[0].indexed).toBe('full');
    const { body: audit } = await admin.get('/admin/audit?action=encoder.');
    expect(audit.items.map((item: { action: string }) => item.action).toSorted()).toEqual([
      'encoder.index_removed',
      'encoder.switch_activated',
      'encoder.switch_started',
      'encoder.switched',
    ]);
  });

  it('goes back in one step with what came since, and forward again', async () => {
    await user.delete('/documents?doc_id=note-5');
    const { body } = await admin.get('/admin/index');
    expect(body.previous_encoder).toBe(MINILM);
    expect((await admin.post('/admin/index/rollback')).body).toMatchObject({
      kind: 'rollback',
      encoder: MINILM,
      previous_encoder: BGE,
    });
    await reach(admin, 'done');
    await uses(admin, MINILM);
    const { id } = await activeIndex(admin);
    await expectWhole(app, id);
    expect((await find(user, 'note number 103')).results[0]!.id).toBe('note-103');
    expect((await admin.post('/admin/index/rollback')).body).toMatchObject({ encoder: BGE });
    await reach(admin, 'done');
    await uses(admin, BGE);
  });

  it('removes the index before on request, and then cannot go back', async () => {
    const { body } = await admin.get('/admin/index');
    const old = body.indexes.find((index: { kept: boolean }) => index.kept);
    expect(old).toMatchObject({ model: MINILM, state: 'retired' });
    expect((await admin.delete(`/admin/index/${old.id}`)).status).toBe(204);
    expect((await admin.post('/admin/index/rollback')).body.code).toBe('no_previous_encoder');
    const tables = await app.source.query<unknown[]>(
      `select 1 from pg_tables where tablename like 'vectors_%'`,
    );
    expect(tables).toHaveLength(1);
    expect((await admin.get('/admin/index')).body.indexes).toHaveLength(1);
  });

  it('forgets what was built when it is cancelled', async () => {
    expect((await change({ encoder: MINILM, activate: 'manual' })).status).toBe(202);
    await reach(admin, 'ready');
    expect((await admin.post('/admin/index/cancel')).body.phase).toBe('cancelled');
    expect(await find(user, 'When is tax due?')).toMatchObject({
      retrieval: { mode: 'dense', degraded: [] },
    });
    expect((await change({ encoder: MINILM, activate: 'manual' })).status).toBe(202);
    await admin.post('/admin/index/cancel');
  });

  it('answers without a gap while it changes under load, and removes the old index where it is told to', async () => {
    expect((await change({ encoder: MINILM, remove_old: true })).status).toBe(202);
    let over = false;
    const degraded: string[] = [];
    let asked = 0;
    const ask = async (): Promise<void> => {
      for (let i = 0; !over; i++) {
        const { results, retrieval } = await find(user, `which note is number ${i % 40}?`, 'hybrid');
        asked++;
        if (retrieval.degraded.length > 0 || results.length === 0) degraded.push(...retrieval.degraded);
      }
    };
    const write = async (): Promise<void> => {
      for (let i = 200; !over; i++) {
        await add(user, [note(i)], 0);
        if (i % 3 === 0) await user.delete(`/documents?doc_id=note-${i - 1}`);
        await sleep(20);
      }
    };
    const load = [ask(), ask(), write()];
    await reach(admin, 'done').finally(() => (over = true));
    await Promise.all(load);
    expect(asked).toBeGreaterThan(0);
    expect(degraded).toEqual([]);
    await uses(admin, MINILM);
    for (const until = Date.now() + 120_000; Date.now() < until; await sleep(200))
      if ((await admin.get('/admin/index')).body.waiting === 0) break;
    const { id } = await activeIndex(admin);
    const versions = await inventory(app, id);
    expect(versions.shown.filter((line) => !versions.stored.includes(line))).toEqual([]);
    expect((await admin.post('/admin/index/rollback')).body.code).toBe('no_previous_encoder');
  });
});

describeWithShared('an encoder that the database names', MODELS, () => {
  it('stays in use when EMBEDDING_MODEL says another, and comes first where nothing is embedded yet', async () => {
    const dataDir = newDataDir();
    const env = { MODELS_DIR: `${sharedDir}/models`, DATA_DIR: dataDir };
    const first = await startTestApp(env);
    // Nothing is embedded yet: the configuration decides.
    await uses(await new Browser(first, first.admin).signedIn(), MINILM);
    await first.close();
    const again = {
      ...env,
      ADMIN_EMAIL: first.admin.email,
      ADMIN_PASSWORD: first.admin.password,
    };
    const second = await startTestApp({ ...again, EMBEDDING_MODEL: BGE });
    try {
      const admin = await new Browser(second, first.admin).signedIn();
      await uses(admin, BGE);
      expect((await add(admin, [note(1)])).body.results[0].indexed).toBe('full');
    } finally {
      await second.close();
    }
    const third = await startTestApp(again);
    try {
      const admin = await new Browser(third, first.admin).signedIn();
      await uses(admin, BGE);
      expect((await admin.get('/admin/index')).body).toMatchObject({
        configured_encoder: MINILM,
        vectors: 1,
      });
      expect(third.app.get(EmbeddingsService).info().modelId).toBe(BGE);
    } finally {
      await third.close();
      fs.rmSync(dataDir, { recursive: true, force: true });
    }
  });
});

describeWithShared('an encoder of other dimensions', MODELS, () => {
  let fake: FakeGemini;
  let app: TestApp;
  let admin: Browser;

  beforeAll(async () => {
    fake = await FakeGemini.start();
    app = await startTestApp({
      MODELS_DIR: `${sharedDir}/models`,
      GEMINI_EMBEDDING_DIMENSIONS: '128',
      GOOGLE_API_KEY: fake.key,
      GEMINI_BASE_URL: fake.url,
      LLM: 'none',
    });
    admin = await new Browser(app, app.admin).signedIn();
    await uses(admin, MINILM);
  });
  afterAll(async () => {
    await app?.close();
    await fake?.stop();
  });

  it('takes over from a local one and gives way to it; while it is down the change waits and says so', async () => {
    await add(
      admin,
      Array.from({ length: 5 }, (_, i) => note(i)),
    );
    fake.next({ status: 503 }, { status: 503 }, { status: 503 });
    const encoder = `gemini:${fake.model}`;
    expect((await admin.post('/admin/index', { body: { encoder } })).status).toBe(202);
    await reach(admin, 'done');
    await uses(admin, encoder);
    expect(await activeIndex(admin)).toMatchObject({ model: encoder, dimensions: 128 });
    expect((await find(admin, 'penguins eat krill', 'dense', 5)).results).toHaveLength(5);
    await admin.post('/admin/index/rollback');
    await reach(admin, 'done');
    await uses(admin, MINILM);
    expect((await find(admin, 'What do penguins eat?')).results[0]!.id).toMatch(/^note-[04]$/);
  });

  it('tells how far it is, from the first passage on and never past the last', async () => {
    const passages = 80;
    await add(
      admin,
      Array.from({ length: passages }, (_, i) => note(i)),
    );
    const open = Promise.withResolvers<void>();
    fake.gate = { texts: /note number/, opens: open.promise };
    const encoder = `gemini:${fake.model}`;
    expect((await admin.post('/admin/index', { body: { encoder, activate: 'manual' } })).status).toBe(202);
    const seen = async (): Promise<{ phase: string; progress: { done: number; total: number } }> =>
      (await admin.get('/admin/index')).body.encoder_switch;
    for (const until = Date.now() + 60_000; (await seen()).progress.total === 0; await sleep(20))
      expect(Date.now()).toBeLessThan(until);
    expect((await seen()).progress).toEqual({ done: 0, total: passages });
    open.resolve();
    for (const until = Date.now() + 120_000; ; await sleep(10)) {
      const { phase, progress } = await seen();
      expect(progress.total).toBe(passages);
      expect(progress.done).toBeLessThanOrEqual(passages);
      if (phase === 'ready') break;
      expect(Date.now()).toBeLessThan(until);
    }
    expect((await seen()).progress).toEqual({ done: passages, total: passages });
    fake.gate = undefined;
    expect((await admin.post('/admin/index/cancel')).status).toBe(202);
  });
});
