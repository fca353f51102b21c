import { randomUUID } from 'node:crypto';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { storedFiles, untilQuiet } from '../support/stored-files.js';

const HTML = Buffer.from(
  '<html lang="en"><head><title>Ferry timetable</title></head><body><nav>Home About</nav><h1>Ferry</h1>' +
    '<p>The ferry to Lindholm leaves at half past seven.</p></body></html>',
);

describe('documents', () => {
  let app: TestApp;
  let user: Browser;
  let other: Browser;

  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
    other = await Browser.signedUp(app);
  });
  afterAll(() => app?.close());

  const find = async (
    browser: Browser,
    query: string,
  ): Promise<{ id: string; text: string; document_id: string }[]> =>
    (await browser.post('/rag/rag_query', { body: { query, n_results: 20 } })).body.results;

  it('keeps, reads, finds and gives back an uploaded page', async () => {
    const accepted = await user.upload([{ name: 'Fähre.html', data: HTML, type: 'text/html' }], {
      metadata: '{"kind":"timetable"}',
    });
    expect(accepted.status).toBe(202);
    const [document] = accepted.body.documents;
    expect(document).toMatchObject({
      // It may be taken up at once.
      status: expect.stringMatching(/^(queued|extracting)$/),
      indexed: 'none',
      file_name: 'Fähre.html',
      bytes: HTML.length,
    });
    const ready = await user.settled(document.id);
    expect(ready).toMatchObject({
      status: 'ready',
      indexed: 'lexical',
      title: 'Ferry timetable',
      mime: 'text/html',
      metadata: { kind: 'timetable' },
    });
    const [hit] = await find(user, 'When does the ferry leave?');
    expect(hit).toMatchObject({ document_id: document.id });
    const text = await user.get(`/documents/${document.id}/text`);
    expect(text.text).toContain('half past seven');
    expect(text.text).not.toContain('About');
    const content = await user.get(`/documents/${document.id}/content`);
    expect(content.text).toBe(HTML.toString());
    expect(content.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox'),
      'content-disposition': expect.stringContaining('attachment'),
      'content-length': String(HTML.length),
    });
    const head = await app
      .http()
      .head(`/documents/${document.id}/content`)
      .set('Authorization', `Bearer ${user.token}`);
    const facts = ['content-length', 'content-type', 'content-disposition'];
    expect(facts.map((name) => head.headers[name])).toEqual(facts.map((name) => content.headers[name]));
    const chunks = await user.get(`/documents/${document.id}/chunks?limit=1`);
    expect(chunks.body.items[0]).toMatchObject({ ordinal: 0, page: null });
  });

  it('replaces a document in one step and forgets the old text', async () => {
    const add = (text: string) => user.post('/rag/add_document', { body: { doc_id: 'tide', text } });
    const first = await add('High tide is at quarzbeck noon.');
    const second = await add('High tide is at midnight now.');
    expect(second.body.document_id).toBe(first.body.document_id);
    expect(await find(user, 'quarzbeck')).toEqual([]);
    const [hit] = await find(user, 'high tide');
    expect(hit?.text).toContain('midnight');
    expect((await user.get(`/documents/${first.body.document_id}/text`)).text).toBe(
      'High tide is at midnight now.',
    );
  });

  it('never shows a mixture while a document is replaced again and again', async () => {
    const version = (n: number): string => `mixword alpha${n}. `.repeat(150) + `mixword omega${n}.`;
    await user.post('/rag/add_document', { body: { doc_id: 'mix', text: version(0) } });
    let writing = true;
    const seen: string[] = [];
    const reader = (async () => {
      while (writing) {
        const results = (await find(user, 'mixword')).filter((r) => r.id === 'mix');
        const versions = new Set(
          results.flatMap((r) => [...r.text.matchAll(/(?:alpha|omega)(\d+)/g)].map((m) => m[1])),
        );
        seen.push([...versions].join());
        expect(versions.size).toBe(1);
      }
    })();
    // However the two get their turns, the reader has looked in between.
    for (let n = 1; n <= 12 || seen.length <= 3; n++)
      await user.post('/rag/add_document', { body: { doc_id: 'mix', text: version(n), wait_ms: 0 } });
    writing = false;
    await reader;
    expect(seen.length).toBeGreaterThan(3);
  });

  it('stores documents that race for one doc_id exactly once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        user.post('/rag/add_document', { body: { doc_id: 'race', text: `racer number ${i}`, wait_ms: 0 } }),
      ),
    );
    expect(answers.every((a) => a.status === 200 || a.status === 409)).toBe(true);
    const listed = await user.get('/documents?doc_id=race');
    expect(listed.body.items).toHaveLength(1);
    expect(await find(user, 'racer number')).toHaveLength(1);
  });

  it('adds in bulk all or none', async () => {
    const bad = await user.post('/rag/add_documents', {
      body: {
        documents: [
          { doc_id: 'fine', text: 'halfway' },
          { doc_id: 'bad', text: 7 },
        ],
      },
    });
    expect(bad.status).toBe(400);
    expect(bad.body.errors[0].field).toBe('documents.1.text');
    expect((await user.get('/documents?doc_id=fine')).body.items).toEqual([]);
    const twice = await user.post('/rag/add_documents', {
      body: {
        documents: [
          { doc_id: 'x', text: 'a' },
          { id: 'x', text: 'b' },
        ],
      },
    });
    expect(twice.body.code).toBe('duplicate_doc_id');
    const good = await user.post('/rag/add_documents', {
      body: {
        documents: [
          { doc_id: 'b1', text: 'bulk one' },
          { id: 'b2', text: 'bulk two' },
        ],
      },
    });
    expect(good.body).toMatchObject({ status: 'ok', added: 2, results: [{ id: 'b1' }, { id: 'b2' }] });
  });

  it('hides a deleted document at once and removes its bytes', async () => {
    const accepted = await user.upload([{ name: 'gone.txt', data: Buffer.from('the vanishing heliotrope') }]);
    const { id } = accepted.body.documents[0];
    await user.settled(id);
    await untilQuiet(app);
    const before = storedFiles(app).length;
    expect((await user.delete(`/documents/${id}`)).status).toBe(202);
    expect(await find(user, 'heliotrope')).toEqual([]);
    for (const route of ['', '/text', '/content', '/chunks'])
      expect((await user.get(`/documents/${id}${route}`)).status).toBe(404);
    const rows = (): Promise<unknown[]> => app.source.query('select 1 from documents where id = $1', [id]);
    for (const until = Date.now() + 120_000; (await rows()).length > 0 && Date.now() < until;)
      await new Promise((r) => setTimeout(r, 100));
    expect(await rows()).toEqual([]);
    expect(storedFiles(app)).toHaveLength(before - 1);
  });

  it('pages through documents of all collections in order, without losing or repeating one', async () => {
    const reader = await Browser.signedUp(app);
    const others = await Promise.all(
      ['one', 'two'].map(async (name) => (await reader.post('/collections', { body: { name } })).body.id),
    );
    const added: string[][] = [];
    for (const [round, collection_id] of [undefined, ...others, undefined].entries()) {
      const documents = Array.from({ length: 6 }, (_, i) => ({
        doc_id: `p${round}-${i}`,
        text: `page item ${i}`,
      }));
      expect((await reader.post('/rag/add_documents', { body: { documents, collection_id } })).status).toBe(
        200,
      );
      added.push(documents.map((d) => d.doc_id));
    }
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await reader.get(
        `/documents?limit=5${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
      );
      seen.push(...page.body.items.map((d: { doc_id: string }) => d.doc_id));
      cursor = page.body.next_cursor;
    }
    // Those of one request have one time.
    const rounds = added.map((_, i) => seen.slice(i * 6, i * 6 + 6).toSorted());
    expect([rounds, seen.length]).toEqual([added, 24]);
    expect((await reader.get('/documents?cursor=bm9uc2Vuc2U')).body.code).toBe('invalid_cursor');
  });

  it.each([
    ['empty.txt', Buffer.alloc(0), 'document_empty'],
    ['blank.txt', Buffer.from('  \n\n '), 'document_no_text'],
    ['broken.pdf', Buffer.from('%PDF-1.7\nnot really'), 'document_corrupt'],
    ['picture.pdf', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 'document_corrupt'],
    ['packed.gz', Buffer.from('1f8b080000000000000300', 'hex'), 'document_type_unsupported'],
  ])('fails %s with a typed reason', async (name, data, code) => {
    const accepted = await user.upload([{ name, data }]);
    expect(accepted.status).toBe(202);
    const failed = await user.settled(accepted.body.documents[0].id);
    expect(failed).toMatchObject({ status: 'failed', indexed: 'none', error: { code } });
    expect(failed.error.detail.length).toBeGreaterThan(10);
    expect((await user.get(`/documents/${failed.id}/text`)).status).toBe(404);
    expect((await user.post(`/documents/${failed.id}/retry`)).status).toBe(202);
    expect((await user.settled(failed.id)).error.code).toBe(code);
    expect((await user.delete(`/documents/${failed.id}`)).status).toBe(202);
  });

  it('keeps the old version answering when its replacement cannot be read', async () => {
    const first = await user.upload([{ name: 'a.txt', data: Buffer.from('the steadfast marigold') }], {
      doc_id: 'steady',
    });
    await user.settled(first.body.documents[0].id);
    const second = await user.upload([{ name: 'a.pdf', data: Buffer.from('%PDF-1.4 nothing') }], {
      doc_id: 'steady',
    });
    const failed = await user.settled(second.body.documents[0].id);
    expect(failed).toMatchObject({ status: 'failed', indexed: 'lexical' });
    expect(await find(user, 'marigold')).toHaveLength(1);
  });

  it('refuses uploads without trace when anything about them is wrong', async () => {
    const file = { name: 'x.txt', data: Buffer.from('refused') };
    expect((await user.upload([file], { collection_id: randomUUID() })).status).toBe(404);
    expect((await user.upload([file], { metadata: 'not json' })).status).toBe(400);
    expect((await user.upload([file], { surprise: '1' })).status).toBe(400);
    expect((await user.upload([file, file], { doc_id: 'one' })).status).toBe(400);
    // What the tests before have deleted may still be on its way out.
    await untilQuiet(app);
    const known = await app.source.query<{ n: number }[]>(
      'select count(*)::int as n from document_versions where file_key is not null',
    );
    expect(storedFiles(app)).toHaveLength(known[0]?.n ?? -1);
  });

  it("answers 404 for another user's document on every route", async () => {
    const added = await user.post('/rag/add_document', {
      body: { doc_id: 'secret', text: 'the clandestine kestrel' },
    });
    const id = added.body.document_id;
    for (const route of ['', '/text', '/content', '/chunks'])
      expect((await other.get(`/documents/${id}${route}`)).status).toBe(404);
    expect((await other.delete(`/documents/${id}`)).status).toBe(404);
    expect((await other.post(`/documents/${id}/retry`)).status).toBe(404);
    expect((await other.delete('/documents?doc_id=secret')).status).toBe(404);
    expect(await find(other, 'clandestine kestrel')).toEqual([]);
    const asked = await other.post('/rag/rag_query', { body: { query: 'kestrel', document_ids: [id] } });
    expect(asked.body.results).toEqual([]);
    expect((await user.get(`/documents/${id}`)).status).toBe(200);
  });

  it('deletes by doc_id', async () => {
    await user.post('/rag/add_document', { body: { doc_id: 'by/name', text: 'named quokka' } });
    expect((await user.delete('/documents?doc_id=by%2Fname')).status).toBe(202);
    expect(await find(user, 'quokka')).toEqual([]);
    expect((await user.delete('/documents?doc_id=by%2Fname')).status).toBe(404);
  });
});
