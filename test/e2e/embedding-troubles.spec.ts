import { setTimeout as sleep } from 'node:timers/promises';
import { LostIndexes } from '../../src/vector/lost-indexes.service.js';
import { VectorService } from '../../src/vector/vector.service.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { FakeGemini } from '../support/fake-gemini.js';

const DEADLINE_MS = 240_000;

interface Shown {
  doc_id: string;
  status: string;
  indexed: string;
  error: object | null;
  warning: { code: string; detail: string } | null;
}

describe.each(['error', 'nothing'] as const)('a text that the encoder refuses (%s)', (how) => {
  let fake: FakeGemini;
  let app: TestApp;

  beforeAll(async () => {
    fake = await FakeGemini.start();
    fake.refuses = { texts: /abracadabra/, how };
    app = await startTestApp({
      EMBEDDING_MODEL: `gemini:${fake.model}`,
      GEMINI_EMBEDDING_DIMENSIONS: '128',
      GOOGLE_API_KEY: fake.key,
      GEMINI_BASE_URL: fake.url,
      LLM: 'none',
    });
  });
  afterAll(async () => {
    await app?.close();
    await fake?.stop();
  });

  const shown = async (user: Browser): Promise<Map<string, Shown>> => {
    const { items } = (await user.get('/documents?limit=200')).body as { items: Shown[] };
    return new Map(items.map((item) => [item.doc_id, item]));
  };
  const until = async (
    user: Browser,
    what: string,
    holds: (documents: Shown[]) => boolean,
  ): Promise<Map<string, Shown>> => {
    for (const end = Date.now() + DEADLINE_MS; ; await sleep(200)) {
      const found = await shown(user);
      if (holds([...found.values()])) return found;
      if (Date.now() > end) throw new Error(`not ${what}: ${JSON.stringify([...found.values()])}`);
    }
  };
  const waiting = async (): Promise<number> =>
    (await app.source.query<{ n: number }[]>('select count(*)::int as n from embedding_backlog'))[0]!.n;

  it('holds nobody else up, and is a document that is found by words, with the reason', async () => {
    const mallory = await Browser.signedUp(app);
    const ada = await Browser.signedUp(app);
    const cursed = { doc_id: 'cursed', text: 'The magician says abracadabra and vanishes.' };
    const added = await mallory.post('/rag/add_documents', {
      body: { documents: [cursed, { doc_id: 'tame', text: 'Rabbits sit in hats.' }], wait_ms: 0 },
    });
    expect(added.status).toBe(200);
    const documents = Array.from({ length: 60 }, (_, i) => ({ doc_id: `d${i}`, text: `Note ${i} of ada.` }));
    await ada.post('/rag/add_documents', { body: { documents, wait_ms: 0 } });
    await until(ada, 'embedded', (all) => all.every(({ indexed }) => indexed === 'full'));

    const settled = await until(mallory, 'settled', (all) =>
      all.every((one) => one.warning ?? one.indexed === 'full'),
    );
    expect(settled.get('tame')).toMatchObject({ status: 'ready', indexed: 'full', warning: null });
    expect(settled.get('cursed')).toMatchObject({ status: 'ready', indexed: 'lexical', error: null });
    expect(settled.get('cursed')!.warning!.code).toBe('document_not_embedded');
    expect(settled.get('cursed')!.warning!.detail).toMatch(
      how === 'error' ? /refused the request \(status 400\)/ : /a vector that is none/,
    );
    expect(await waiting()).toBe(0);
    const found = await mallory.post('/rag/rag_query', { body: { query: 'abracadabra', mode: 'lexical' } });
    expect(found.body.results[0].id).toBe('cursed');
  });

  it('is not tried again by itself, and is when an administrator asks', async () => {
    const user = await Browser.signedUp(app);
    await user.post('/rag/add_document', {
      body: { doc_id: 'spell', text: 'abracadabra, says the book.', wait_ms: 0 },
    });
    await until(user, 'refused', ([one]) => one?.warning !== null);
    fake.refuses = undefined;
    const admin = await new Browser(app, app.admin).signedIn();
    // A comparison that changes nothing does not change this either.
    await admin.post('/admin/index/reconcile', { body: {} });
    expect((await shown(user)).get('spell')).toMatchObject({ indexed: 'lexical' });
    expect(await waiting()).toBe(0);
    await admin.post('/admin/index/reconcile', { body: { dry_run: false } });
    await until(user, 'embedded', ([one]) => one?.indexed === 'full' && one.warning === null);
  });

  // In which way makes no difference here, and each refusal takes its time.
  if (how === 'nothing') return;
  it('keeps no lost index from being made again', async () => {
    fake.refuses = { texts: /abracadabra/, how };
    const user = await Browser.signedUp(app);
    const documents = [
      { doc_id: 'cursed', text: 'abracadabra, when the index was lost' },
      { doc_id: 'tame', text: 'A tame note, when the index was lost' },
    ];
    await user.post('/rag/add_documents', { body: { documents, wait_ms: 0 } });
    await until(user, 'settled', (all) => all.every((one) => one.warning ?? one.indexed === 'full'));
    const admin = await new Browser(app, app.admin).signedIn();
    const begin = async (): Promise<void> => {
      const index = await app.app.get(VectorService, { strict: false }).activeIndex();
      await app.app.get(LostIndexes, { strict: false }).note(index!);
    };
    const done = async (): Promise<void> => {
      for (const end = Date.now() + DEADLINE_MS; ; await sleep(200)) {
        const [rebuild] = (await admin.get('/admin/index')).body.rebuilds;
        if (rebuild.status === 'done') return expect(rebuild.lost).toBe(true);
        if (rebuild.status !== 'running' || Date.now() > end)
          throw new Error(`not done: ${JSON.stringify(rebuild)}`);
      }
    };

    await begin();
    await done();
    const kept = await shown(user);
    expect(kept.get('cursed')).toMatchObject({
      indexed: 'lexical',
      warning: { code: 'document_not_embedded' },
    });
    expect(kept.get('tame')).toMatchObject({ indexed: 'full', warning: null });
    const ask = () => user.post('/rag/rag_query', { body: { query: 'a tame note', mode: 'dense' } });
    let found = await ask();
    // Told to be over, a moment before this process looks again.
    for (const end = Date.now() + DEADLINE_MS; found.status === 503 && Date.now() < end; await sleep(100))
      found = await ask();
    expect([found.status, found.body.results?.map(({ id }: { id: string }) => id)]).toEqual([200, ['tame']]);

    // What is refused is judged anew each time.
    fake.refuses = undefined;
    await begin();
    await done();
    expect((await shown(user)).get('cursed')).toMatchObject({ indexed: 'full', warning: null });
  });
});

describe('an encoder that is down, or changed', () => {
  let fake: FakeGemini;
  let app: TestApp;

  beforeAll(async () => {
    fake = await FakeGemini.start();
    app = await startTestApp({
      EMBEDDING_MODEL: `gemini:${fake.model}`,
      GEMINI_EMBEDDING_DIMENSIONS: '128',
      GOOGLE_API_KEY: fake.key,
      GEMINI_BASE_URL: fake.url,
      LLM: 'none',
    });
  });
  afterAll(async () => {
    await app?.close();
    await fake?.stop();
  });

  it.each([
    ['refuses the key', { status: 403 }],
    ['is overloaded', { status: 503 }],
  ])('blames no text while it %s', async (_, turn) => {
    const user = await Browser.signedUp(app);
    fake.otherwise = turn;
    const documents = Array.from({ length: 5 }, (_each, i) => ({
      doc_id: `n${i}`,
      text: `A patient note ${i}.`,
    }));
    await user.post('/rag/add_documents', { body: { documents, wait_ms: 0 } });
    // Long enough for each of them to fail several times.
    const asked = fake.requests.length;
    await sleep(8_000);
    expect(fake.requests.length).toBeGreaterThan(asked);
    const refused = await app.source.query<unknown[]>('select 1 from embedding_backlog where refusals > 0');
    expect(refused).toEqual([]);
    fake.otherwise = { answer: '' };
    for (const end = Date.now() + DEADLINE_MS; ; await sleep(200)) {
      const { items } = (await user.get('/documents')).body as { items: Shown[] };
      expect(items.every(({ warning }) => warning === null)).toBe(true);
      if (items.every(({ indexed }) => indexed === 'full')) break;
      if (Date.now() > end) throw new Error(`not embedded: ${JSON.stringify(items)}`);
    }
  });

  it('is changed although the new one refuses a text, which is told with the document', async () => {
    const user = await Browser.signedUp(app);
    const documents = [
      { doc_id: 'cursed', text: 'The magician says abracadabra and vanishes.' },
      ...Array.from({ length: 9 }, (_, i) => ({ doc_id: `t${i}`, text: `A tame note ${i}.` })),
    ];
    const added = await user.post('/rag/add_documents', { body: { documents, wait_ms: 60_000 } });
    expect(added.body.results.every(({ indexed }: { indexed: string }) => indexed === 'full')).toBe(true);
    fake.refuses = { texts: /abracadabra/, how: 'error' };
    const admin = await new Browser(app, app.admin).signedIn();
    const encoder = `gemini:${fake.model}-2`;
    expect((await admin.post('/admin/index', { body: { encoder } })).status).toBe(202);
    for (const end = Date.now() + DEADLINE_MS; ; await sleep(200)) {
      const { body } = await admin.get('/admin/index');
      if (body.encoder === encoder && body.encoder_switch.phase === 'done') break;
      if (Date.now() > end) throw new Error(`not changed: ${JSON.stringify(body)}`);
    }
    const { items } = (await user.get('/documents')).body as { items: Shown[] };
    for (const { doc_id, indexed, warning } of items)
      expect([doc_id, indexed, warning?.code]).toEqual(
        doc_id === 'cursed' ? [doc_id, 'lexical', 'document_not_embedded'] : [doc_id, 'full', undefined],
      );
  });
});
