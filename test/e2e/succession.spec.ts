import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { newDataDir, startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { activeIndex, expectWhole, reach } from '../support/encoder-switch.js';
import { FakeGemini } from '../support/fake-gemini.js';
import { untilQuiet } from '../support/stored-files.js';

const DEADLINE_MS = 240_000;

interface Shown {
  status: string;
  indexed: string;
  warning: object | null;
}

/** Words that only this edition has, in some fifty passages. */
const edition = (word: string, last = ''): Buffer =>
  Buffer.from(
    Array.from(
      { length: 50 },
      (_, i) => `## Entry ${i}\n\n${`The ${word} edition of the harbour log, entry ${i}. `.repeat(12)}`,
    ).join('\n\n') + `\n\n## Last\n\nThe ${word} edition ends here. ${last}`,
  );

describe('a file that takes the place of another', () => {
  let fake: FakeGemini;
  let app: TestApp;
  let user: Browser;
  let dataDir: string;

  const withEncoder = (): Record<string, string> => ({
    DATA_DIR: dataDir,
    EMBEDDING_MODEL: `gemini:${fake.model}`,
    GEMINI_EMBEDDING_DIMENSIONS: '128',
    GOOGLE_API_KEY: fake.key,
    GEMINI_BASE_URL: fake.url,
    LLM: 'none',
  });

  beforeAll(async () => {
    fake = await FakeGemini.start();
    dataDir = newDataDir();
    app = await startTestApp(withEncoder());
    user = await Browser.signedUp(app);
  });
  afterAll(async () => {
    await app?.close();
    await fake?.stop();
    if (dataDir) fs.rmSync(dataDir, { recursive: true, force: true });
  });
  afterEach(() => {
    fake.refuses = undefined;
    fake.gate = undefined;
  });

  /** Nothing with these words gets vectors before it is opened. */
  const close = (texts: RegExp): (() => void) => {
    let open: () => void = () => undefined;
    fake.gate = { texts, opens: new Promise((resolve) => (open = resolve)) };
    return () => {
      fake.gate = undefined;
      open();
    };
  };
  const upload = async (docId: string, data: Buffer): Promise<string> => {
    const sent = await user.upload([{ name: 'log.md', data, type: 'text/markdown' }], { doc_id: docId });
    expect(sent.status).toBe(202);
    return sent.body.documents[0].id as string;
  };
  const until = async (id: string, what: string, holds: (document: Shown) => boolean): Promise<Shown> => {
    for (const end = Date.now() + DEADLINE_MS; ; await sleep(50)) {
      const { body } = await user.get(`/documents/${id}`);
      if (holds(body)) return body;
      if (Date.now() > end) throw new Error(`not ${what}: ${JSON.stringify(body)}`);
    }
  };
  const filled = async (docId: string): Promise<string> => {
    const id = await upload(docId, edition('first'));
    await until(id, 'found by meaning', ({ status, indexed }) => status === 'ready' && indexed === 'full');
    await untilQuiet(app);
    return id;
  };
  /** Which edition of a document is found, by `first`, `second` or `third`; the empty text where it is not. */
  const found = async (docId: string, mode: string): Promise<string> => {
    const answer = await user.post('/rag/rag_query', {
      body: { query: 'edition of the harbour log', mode, n_results: 20 },
    });
    expect(answer.status).toBe(200);
    const mine = answer.body.results.filter((result: { id: string }) => result.id === docId);
    const words = mine.map((result: { text: string }) => /The (\w+) edition/.exec(result.text)?.[1]);
    return [...new Set(words)].join();
  };
  const answers = async (docId: string, id: string, word: string): Promise<void> => {
    for (const mode of ['lexical', 'dense', 'hybrid'])
      expect([mode, await found(docId, mode)]).toEqual([mode, word]);
    expect((await user.get(`/documents/${id}/text`)).text).toContain(`The ${word} edition`);
    const { items } = (await user.get(`/documents/${id}/chunks`)).body;
    expect(items[0].text).toContain(`The ${word} edition`);
  };
  const remove = async (id: string): Promise<void> => {
    expect((await user.delete(`/documents/${id}`)).status).toBe(202);
    await untilQuiet(app);
    const [left] = await app.source.query<object[]>(
      `select (select count(*) from successor_vectors)::int as vectors,
              (select count(*) from embedding_backlog)::int as backlog, (select count(*) from chunks)::int as chunks`,
    );
    expect(left).toEqual({ vectors: 0, backlog: 0, chunks: 0 });
  };

  it('waits until it is found by meaning, and then does so in one step', async () => {
    const id = await filled('log');
    const open = close(/second edition ends/);
    await upload('log', edition('second'));
    const waiting = await until(id, 'waiting', ({ status }) => status === 'embedding');
    expect(waiting).toMatchObject({ status: 'embedding', indexed: 'full' });
    await answers('log', id, 'first');
    await sleep(1000);
    await answers('log', id, 'first');

    let over = false;
    const seen: string[] = [];
    const watch = async (mode: string): Promise<void> => {
      while (!over) seen.push(`${mode} ${await found('log', mode)}`);
    };
    const watching = ['lexical', 'dense', 'hybrid'].map(watch);
    open();
    const ready = await until(id, 'ready', ({ status }) => status === 'ready');
    over = true;
    await Promise.all(watching);
    expect(ready).toMatchObject({ indexed: 'full', error: null });
    await answers('log', id, 'second');
    // At no moment was there neither or a mixture.
    expect(seen.filter((one) => !/^\w+ (first|second)$/.test(one))).toEqual([]);
    await remove(id);
  });

  it('that is deleted meanwhile leaves nothing', async () => {
    const id = await filled('gone');
    const open = close(/second edition ends/);
    await upload('gone', edition('second'));
    await until(id, 'waiting', ({ status }) => status === 'embedding');
    expect((await user.delete(`/documents/${id}`)).status).toBe(202);
    open();
    await untilQuiet(app);
    expect(await found('gone', 'hybrid')).toBe('');
    const [left] = await app.source.query<object[]>(
      `select (select count(*) from successor_vectors)::int as vectors,
              (select count(*) from document_versions)::int as versions`,
    );
    expect(left).toEqual({ vectors: 0, versions: 0 });
  });

  it('is overtaken by the next one, and never seen', async () => {
    const id = await filled('third');
    const open = close(/(second|third) edition ends/);
    await upload('third', edition('second'));
    await until(id, 'waiting', ({ status }) => status === 'embedding');
    await upload('third', edition('third'));
    await until(id, 'waiting', ({ status }) => status === 'embedding');
    await answers('third', id, 'first');
    open();
    await until(id, 'ready', ({ status }) => status === 'ready');
    await answers('third', id, 'third');
    await remove(id);
  });

  it('is overtaken by a text, which answers at once', async () => {
    const id = await filled('text');
    const open = close(/second edition ends/);
    await upload('text', edition('second'));
    await until(id, 'waiting', ({ status }) => status === 'embedding');
    const added = await user.post('/rag/add_document', {
      body: { doc_id: 'text', text: 'The third edition of the harbour log is a text.', wait_ms: 60_000 },
    });
    expect(added.body.indexed).toBe('full');
    open();
    await untilQuiet(app);
    await answers('text', id, 'third');
    await remove(id);
  });

  it('takes metadata and another title that come meanwhile', async () => {
    const id = await filled('titled');
    const open = close(/second edition ends/);
    await upload('titled', edition('second'));
    await until(id, 'waiting', ({ status }) => status === 'embedding');
    expect((await user.patch(`/documents/${id}`, { body: { metadata: { shelf: 7 } } })).status).toBe(200);
    expect((await user.patch(`/documents/${id}`, { body: { title: 'Zanzibar' } })).status).toBe(200);
    await answers('titled', id, 'first');
    open();
    const ready = await until(id, 'ready', ({ status }) => status === 'ready');
    expect(ready).toMatchObject({ title: 'Zanzibar', metadata: { shelf: 7 } });
    await answers('titled', id, 'second');
    await remove(id);
  });

  it('is found by words where the encoder refuses it', async () => {
    const id = await filled('refused');
    fake.refuses = { texts: /second edition ends/, how: 'error' };
    await upload('refused', edition('second'));
    const ready = await until(id, 'refused', ({ warning }) => warning !== null);
    expect(ready).toMatchObject({ status: 'ready', indexed: 'lexical' });
    expect(await found('refused', 'lexical')).toBe('second');
    // Passages before the one that is refused have their vectors.
    expect(await found('refused', 'dense')).toBe('second');
    await remove(id);
  });

  it('gets the vectors of another encoder where that takes over meanwhile', async () => {
    const id = await filled('changed');
    const open = close(/second edition ends/);
    await upload('changed', edition('second'));
    await until(id, 'waiting', ({ status }) => status === 'embedding');
    const admin = await new Browser(app, app.admin).signedIn();
    const encoder = `gemini:${fake.model}-2`;
    expect((await admin.post('/admin/index', { body: { encoder } })).status).toBe(202);
    await reach(admin, 'done');
    await answers('changed', id, 'first');
    open();
    const ready = await until(id, 'ready', ({ status }) => status === 'ready');
    expect(ready.indexed).toBe('full');
    await answers('changed', id, 'second');
    await expectWhole(app, (await activeIndex(admin)).id);
    await remove(id);
    // And back, for whoever comes next.
    expect((await admin.post('/admin/index', { body: { encoder: `gemini:${fake.model}` } })).status).toBe(
      202,
    );
    await reach(admin, 'done');
  });

  it('goes on where it stopped after a restart, and is found by words without an encoder', async () => {
    const id = await filled('restart');
    const open = close(/second edition ends/);
    await upload('restart', edition('second'));
    const embedded = async (): Promise<number> =>
      (
        await app.source.query<{ n: number }[]>(
          'select v.embedded_count as n from documents d join document_versions v on v.id = d.latest_version_id where d.id = $1',
          [id],
        )
      )[0]!.n;
    for (const end = Date.now() + DEADLINE_MS; (await embedded()) === 0; await sleep(50))
      if (Date.now() > end) throw new Error('nothing was embedded');
    await app.close();
    open();

    const openAgain = close(/second edition ends/);
    app = await startTestApp(withEncoder());
    user = new Browser(app, user.account);
    await user.signedIn();
    await answers('restart', id, 'first');
    expect(await embedded()).toBeGreaterThan(0);
    await app.close();
    openAgain();

    app = await startTestApp({ DATA_DIR: dataDir });
    user = new Browser(app, user.account);
    await user.signedIn();
    await until(id, 'ready', ({ status }) => status === 'ready');
    expect(await found('restart', 'lexical')).toBe('second');
    await app.close();

    app = await startTestApp(withEncoder());
    user = new Browser(app, user.account);
    await user.signedIn();
    await until(id, 'found by meaning', ({ indexed }) => indexed === 'full');
    await answers('restart', id, 'second');
    await remove(id);
  });
});
