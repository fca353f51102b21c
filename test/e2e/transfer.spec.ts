import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { startTestApp, type TestApp } from '../support/app.js';
import { mailOf, zipOf } from '../support/archives.js';
import { Browser } from '../support/browser.js';
import { runNode } from '../support/node-process.js';
import { storedFiles, untilQuiet } from '../support/stored-files.js';

const PDF = fs.readFileSync(
  path.resolve(import.meta.dirname, '../../data/samples/millbrook-operating-manual.pdf'),
);
const NDJSON = 'application/x-ndjson';

/** The lines of a document of one passage. */
const linesOf = (doc_id: string): string => {
  const text = `The ${doc_id} leaves at noon.`;
  const sha256 = createHash('sha256').update(text).digest('hex');
  const chunk = { ordinal: 0, text, search_text: text, char_start: 0, char_end: text.length };
  return [
    { type: 'document', doc_id, mime: 'text/plain', metadata: {}, sha256, original: 'text', chunks: 1 },
    { type: 'text', text },
    { type: 'chunk', ...chunk, heading_path: [], token_count: 6 },
    { type: 'end_document' },
  ]
    .map((record) => `${JSON.stringify(record)}\n`)
    .join('');
};

describe('moving documents in and out', () => {
  let app: TestApp;
  let user: Browser;
  let other: Browser;

  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
    other = await Browser.signedUp(app);
  });
  afterAll(() => app?.close());

  const makeCollection = async (name: string, browser = user): Promise<string> =>
    (await browser.post('/collections', { body: { name } })).body.id;

  const exported = async (id: string, browser = user): Promise<string> => {
    const response = await app
      .http()
      .get(`/collections/${id}/export`)
      .set('Authorization', `Bearer ${browser.token}`)
      .buffer(true)
      .parse((stream, done) => {
        const parts: Buffer[] = [];
        stream.on('data', (part: Buffer) => parts.push(part));
        stream.on('end', () => done(null, Buffer.concat(parts)));
      });
    expect(response.status).toBe(200);
    expect(response.headers['content-type']).toMatch(/^application\/x-ndjson/);
    return (response.body as Buffer).toString('utf8');
  };
  const imported = (id: string, content: string | Buffer, browser = user) =>
    app
      .http()
      .post(`/collections/${id}/import`)
      .set('Authorization', `Bearer ${browser.token}`)
      .type(NDJSON)
      .send(content);

  /** Everything that readers see of the documents of a collection, by doc_id. */
  async function seen(collection: string): Promise<Record<string, unknown>> {
    const { items } = (await user.get(`/documents?collection_id=${collection}&limit=200`)).body;
    const all: Record<string, unknown> = {};
    for (const item of items) {
      const { id, collection_id: _c, created_at: _a, updated_at: _u, ...facts } = item;
      const chunks = (await user.get(`/documents/${id}/chunks?limit=200`)).body.items.map(
        ({ id: _id, ...chunk }: { id: string }) => chunk,
      );
      const content = await app
        .http()
        .get(`/documents/${id}/content`)
        .set('Authorization', `Bearer ${user.token}`)
        .buffer(true);
      const text = item.chunks > 0 ? (await user.get(`/documents/${id}/text`)).text : null;
      const bytes = Buffer.isBuffer(content.body) ? content.body : Buffer.from(content.text);
      all[item.doc_id] = { facts, chunks, text, content: createHash('sha256').update(bytes).digest('hex') };
    }
    return all;
  }

  it('brings texts, files, passages and metadata back as they were', async () => {
    const from = await makeCollection('from');
    const long = 'Łódź 𝒜 and the ferry. '.repeat(12_000);
    await user.post('/rag/add_documents', {
      body: {
        collection_id: from,
        documents: [
          {
            doc_id: 'a/1',
            text: 'The lighthouse of Lindholm.',
            title: 'Lighthouse',
            metadata: { kind: 'x', n: 1.5, tags: ['é', null] },
          },
          { doc_id: 'long', text: long },
        ],
      },
    });
    const manual = await user.upload([{ name: 'manual.pdf', data: PDF, type: 'application/pdf' }], {
      collection_id: from,
      doc_id: 'manual',
      metadata: '{"kind":"manual"}',
    });
    await user.settled(manual.body.documents[0].id);
    const broken = await user.upload([{ name: 'empty.txt', data: Buffer.from(' ') }], {
      collection_id: from,
      doc_id: 'broken',
    });
    await user.settled(broken.body.documents[0].id);

    const content = await exported(from);
    const lines = content
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string });
    expect(lines[0]).toMatchObject({ type: 'collection', format: 1, name: 'from' });
    expect(lines.at(-1)).toEqual({ type: 'end', documents: 4 });

    const into = await makeCollection('into');
    const answer = await imported(into, content);
    expect(answer.body).toMatchObject({ documents: 4, unread: 1 });
    const again = (await user.get(`/documents?collection_id=${into}&doc_id=broken`)).body.items[0];
    await user.settled(again.id);
    expect(await seen(into)).toEqual(await seen(from));

    // Found by words and by metadata from the moment of the answer, and only there.
    const hits = await user.post('/rag/rag_query', {
      body: { query: 'lighthouse of Lindholm', collection_ids: [into], filter: { kind: 'x' } },
    });
    expect(hits.body.results).toMatchObject([{ id: 'a/1', collection_id: into }]);
    // Twice is no other than once.
    expect((await imported(into, content)).status).toBe(200);
    expect(Object.keys(await seen(into)).toSorted()).toEqual(['a/1', 'broken', 'long', 'manual']);
  });

  describe('with files in files', () => {
    const archive = (notes: Record<string, string>): Buffer =>
      zipOf({ ...notes, 'inner.zip': zipOf({ 'deep.txt': 'Deepwort grows below.' }) });
    const mail = mailOf('Minutes', 'See the files.', { 'agenda.txt': 'Agendawort comes first.' });

    const uploaded = async (collection_id: string, name: string, data: Buffer): Promise<void> => {
      const sent = await user.upload([{ name, data }], { collection_id, doc_id: name });
      expect(sent.status).toBe(202);
      await user.settled(sent.body.documents[0].id);
      await untilQuiet(app);
    };
    const filled = async (): Promise<string> => {
      const id = await makeCollection('with files in files');
      await uploaded(id, 'a.zip', archive({ 'one.txt': 'Onewort.', 'two.txt': 'Twowort.' }));
      await uploaded(id, 'm.eml', mail);
      return id;
    };
    /** Of whatever its documents are in. */
    const loose = async (collection: string): Promise<Record<string, unknown>> => {
      const all = (await seen(collection)) as Record<string, { facts: object }>;
      for (const each of Object.values(all)) each.facts = { ...each.facts, parent_id: null };
      return all;
    };
    const idsIn = async (collection: string): Promise<string[]> =>
      (await user.get(`/documents?collection_id=${collection}&limit=200`)).body.items
        .map((item: { id: string }) => item.id)
        .toSorted();
    const isPart = (head: string): boolean => !/"doc_id":"(a\.zip|m\.eml)"/.test(head);
    /** The same export with its documents in another order. */
    const ordered = (content: string, partsFirst: boolean): string => {
      const lines = content.trimEnd().split('\n');
      const documents: string[][] = [];
      for (const line of lines.slice(1, -1))
        if (line.startsWith('{"type":"document"')) documents.push([line]);
        else documents.at(-1)!.push(line);
      documents.sort((a, b) => (Number(isPart(b[0]!)) - Number(isPart(a[0]!))) * (partsFirst ? 1 : -1));
      return `${[lines[0], ...documents.flat(), lines.at(-1)].join('\n')}\n`;
    };

    it('loses nothing, wherever it comes back to, in whichever order, once or twice', async () => {
      const from = await filled();
      const before = await loose(from);
      expect(Object.keys(before)).toHaveLength(7);
      const ids = await idsIn(from);
      const content = await exported(from);
      for (const order of [ordered(content, false), ordered(content, true), content])
        for (let time = 1; time <= 2; time++) {
          expect((await imported(from, order)).body.documents).toBe(7);
          expect(await loose(from)).toEqual(before);
          expect(await idsIn(from)).toEqual(ids);
        }
      // They are documents of their own now.
      const { items } = (await user.get(`/documents?collection_id=${from}&limit=200`)).body;
      expect(items.filter((item: { parent_id: unknown }) => item.parent_id !== null)).toEqual([]);
      const into = await makeCollection('elsewhere');
      for (const order of [ordered(content, true), ordered(content, false)]) {
        expect((await imported(into, order)).body.documents).toBe(7);
        expect(await loose(into)).toEqual(before);
      }
    });

    it.each([
      ['before', true],
      ['behind', false],
    ])('takes the place of what is there now, with the files in it %s it', async (_where, partsFirst) => {
      const from = await filled();
      const before = await loose(from);
      const content = ordered(await exported(from), partsFirst);
      await uploaded(from, 'a.zip', archive({ 'two.txt': 'Twowort changed.', 'three.txt': 'Threewort.' }));
      expect((await imported(from, content)).status).toBe(200);
      expect(await loose(from)).toEqual(before);
      await untilQuiet(app);
      expect(await loose(from)).toEqual(before);
    });

    it('loses nothing that was there when it is cut off behind the file that the others are in', async () => {
      const from = await filled();
      const before = await seen(from);
      const lines = ordered(await exported(from), false).split('\n');
      const head = lines.slice(0, lines.findIndex(isPartHead)).join('\n');
      expect((await imported(from, head)).status).toBe(400);
      expect(await seen(from)).toEqual(before);
    });
    const isPartHead = (line: string): boolean => line.startsWith('{"type":"document"') && isPart(line);
  });

  it('lets nobody out or in without the right', async () => {
    const mine = await makeCollection('mine');
    await user.post('/rag/add_document', {
      body: { doc_id: 'd', text: 'secret words', collection_id: mine, wait_ms: 0 },
    });
    expect((await other.get(`/collections/${mine}/export`)).status).toBe(404);
    expect((await imported(mine, '{}', other)).status).toBe(404);
    expect((await user.get(`/collections/${mine}/export`, { anonymous: true })).status).toBe(401);
    await user.put(`/collections/${mine}/grants`, {
      body: { subject: `user:${(await other.me()).body.id}`, access: 'read' },
    });
    expect(await exported(mine, other)).toContain('secret words');
    expect((await imported(mine, '{}', other)).status).toBe(403);
  });

  const serverPort = (): number => (app.app.getHttpServer().address() as AddressInfo).port;
  const grantTo = async (collection: string, access: string): Promise<string> =>
    (
      await user.put(`/collections/${collection}/grants`, {
        body: { subject: `user:${(await other.me()).body.id}`, access },
      })
    ).body.id;
  /** How a guest comes to a collection, and how that ends. */
  const visits = {
    async grant(collection: string, grantId: string) {
      return {
        headers: { authorization: `Bearer ${other.token}` },
        end: () => user.delete(`/collections/${collection}/grants/${grantId}`),
      };
    },
    async key() {
      const body = { name: 'guest', scopes: ['documents:read', 'documents:write'] };
      const made = await other.post('/auth/api-keys', { body });
      return {
        headers: { 'x-api-key': made.body.key as string },
        end: () => other.delete(`/auth/api-keys/${made.body.id}`),
      };
    },
    async session() {
      const device = await other.elsewhere();
      return {
        headers: { authorization: `Bearer ${device.token}` },
        end: () => device.post('/auth/logout'),
      };
    },
  };

  it.each(['grant', 'key', 'session'] as const)('stops writing out when the %s has ended', async (what) => {
    const shared = await makeCollection('shared');
    const documents = Array.from({ length: 120 }, (_, i) => ({
      doc_id: `d${i}`,
      text: 'ferry '.repeat(16_000) + i,
    }));
    for (let i = 0; i < 120; i += 20)
      await user.post('/rag/add_documents', {
        body: { collection_id: shared, documents: documents.slice(i, i + 20), wait_ms: 0 },
      });
    const { headers, end } = await visits[what](shared, await grantTo(shared, 'read'));
    const response = await new Promise<http.IncomingMessage>((resolve, reject) =>
      http
        .get({ port: serverPort(), path: `/collections/${shared}/export`, headers }, resolve)
        .on('error', reject),
    );
    let content = '';
    response.setEncoding('utf8');
    response.on('error', () => undefined);
    response.once('data', (part: string) => {
      content += part;
      response.pause();
    });
    response.resume();
    await once(response, 'pause');
    expect([200, 204]).toContain((await end()).status);
    await sleep(1500);
    response.on('data', (part: string) => (content += part));
    const ended = new Promise((resolve) => response.once('close', resolve));
    response.resume();
    await ended;
    expect(content).not.toContain('"type":"end"');
    // Of some twelve megabytes a few lie in the buffers of the connection.
    expect(content.match(/"type":"document"/g)!.length).toBeLessThan(100);
  });

  /** An import that is sent bit by bit. */
  const slowImport = (collection: string, headers: Record<string, string>, port = serverPort()) => {
    const request = http.request({
      port,
      method: 'POST',
      path: `/collections/${collection}/import`,
      headers: { ...headers, 'content-type': NDJSON },
      agent: false,
    });
    const sent = { request, answer: undefined as http.IncomingMessage | undefined };
    // After its answer, the server lets go of the connection.
    request.on('error', () => undefined);
    request.once('response', (response) => (sent.answer = response.resume()));
    request.write('{"type":"collection","format":1}\n');
    return sent;
  };

  it.each([
    ['grant', 404],
    ['key', 401],
    ['session', 401],
  ] as const)('takes nothing more in when the %s has ended', async (what, status) => {
    const shared = await makeCollection('filled by a guest');
    const { headers, end } = await visits[what](shared, await grantTo(shared, 'write'));
    const arrived = async (): Promise<number> =>
      (await user.get(`/documents?collection_id=${shared}&limit=200`)).body.items.length;
    const sending = slowImport(shared, headers);
    sending.request.write(linesOf('ferry 0'));
    for (const until = Date.now() + 60_000; (await arrived()) < 1; await sleep(50))
      if (Date.now() > until) throw new Error('the first document did not arrive');
    expect([200, 204]).toContain((await end()).status);
    let sent = 1;
    for (const until = Date.now() + 30_000; !sending.answer && Date.now() < until; await sleep(50))
      if (sent < 150) sending.request.write(linesOf(`ferry ${sent++}`));
    expect(sending.answer?.statusCode).toBe(status);
    const before = await arrived();
    sending.request.write(linesOf('ferry at last'));
    if (!sending.request.destroyed) await once(sending.request, 'close');
    expect(await arrived()).toBe(before);
    expect(before).toBeLessThan(sent);
  });

  it('refuses what is no export, naming the line, and leaves no bytes behind', async () => {
    const into = await makeCollection('bad');
    const head = '{"type":"collection","format":1}';
    const document = (more: object = {}): string =>
      JSON.stringify({
        type: 'document',
        doc_id: 'd',
        mime: 'text/plain',
        metadata: {},
        sha256: createHash('sha256').update('abc').digest('hex'),
        original: 'text',
        chunks: 1,
        ...more,
      });
    const chunk = (more: object = {}): string =>
      JSON.stringify({
        type: 'chunk',
        ordinal: 0,
        text: 'abc',
        search_text: 'abc',
        char_start: 0,
        char_end: 3,
        heading_path: [],
        token_count: 1,
        ...more,
      });
    const text = '{"type":"text","text":"abc"}';
    const end = '{"type":"end_document"}';
    const bytes = `{"type":"bytes","data":"${Buffer.from('abc').toString('base64')}"}`;
    expect(
      (
        await imported(
          into,
          [head, document(), text, chunk(), end, '{"type":"end","documents":1}'].join('\n'),
        )
      ).status,
    ).toBe(200);
    // What the tests before have replaced may still be on its way out.
    await untilQuiet(app);
    const filesBefore = countFiles();
    const bad: [string[], number][] = [
      [['nonsense'], 1],
      [['[]'], 1],
      [[document()], 1],
      [['{"type":"collection","format":2}'], 1],
      [[head], 2],
      [[head, '{"type":"mystery"}'], 2],
      [[head, text], 2],
      [[head, document({ doc_id: '' })], 2],
      [[head, document({ doc_id: 'a\0' })], 2],
      [[head, document({ metadata: [] })], 2],
      [[head, document({ sha256: 'x' })], 2],
      [[head, document(), document()], 3],
      [[head, document(), chunk({ ordinal: 1 })], 3],
      [[head, document(), chunk({ char_end: 0 })], 3],
      [[head, document(), text, chunk({ char_end: 4 }), end], 4],
      [[head, document(), text, end], 4],
      [[head, document({ chunks: 0 }), text, end], 4],
      [[head, document(), '{"type":"text","text":"abd"}', chunk(), end], 4],
      [[head, document({ sha256: '1'.repeat(64) }), text, chunk(), end], 5],
      [[head, document(), text, chunk(), bytes, end], 6],
      [[head, document({ original: 'file', sha256: '0'.repeat(64) }), text, chunk(), bytes, end], 6],
      [[head, document({ original: 'file' }), '{"type":"bytes","data":"%"}'], 3],
      [[head, document({ original: 'file' }), bytes], 4],
      [[head, '{"type":"end","documents":3}'], 2],
    ];
    for (const [lines, line] of bad) {
      const response = await imported(into, lines.join('\n'));
      expect([lines, response.status, response.body.errors?.[0]?.field]).toEqual([
        lines,
        400,
        `line ${line}`,
      ]);
    }
    expect((await imported(into, `${head}\n{"type":"text","text":"${'x'.repeat(5_000_000)}"}`)).status).toBe(
      400,
    );
    expect(countFiles()).toBe(filesBefore);
    expect(
      (
        await app
          .http()
          .post(`/collections/${into}/import`)
          .set('Authorization', `Bearer ${user.token}`)
          .send({})
      ).status,
    ).toBe(415);
  });

  const countFiles = (): number => storedFiles(app).length;

  const EMPTY = '{"type":"collection","format":1}\n{"type":"end","documents":0}\n';

  it('takes a file with a byte order mark, and none that is compressed', async () => {
    const into = await makeCollection('marked');
    expect((await imported(into, `\uFEFF${EMPTY}`)).status).toBe(200);
    const answer = await app
      .http()
      .post(`/collections/${into}/import`)
      .set({ Authorization: `Bearer ${user.token}`, 'Content-Encoding': 'gzip' })
      .type(NDJSON)
      .send(gzipSync(EMPTY));
    expect([answer.status, answer.body.code]).toEqual([415, 'unsupported_media_type']);
  });

  it.each([
    ['', 10_000_000],
    ['', 30_000_000],
    ['Idempotency-Key: refused\r\n', 10_000_000],
  ])(
    'answers a client that reads only when all is sent: %j, %i bytes',
    async (header, more) => {
      const into = await makeCollection('refused');
      const { port } = app.app.getHttpServer().address() as AddressInfo;
      const socket = net.connect(port, '127.0.0.1').pause();
      await once(socket, 'connect');
      const body = `{"type":"chunk"}\n${'x'.repeat(more)}`;
      const head = `POST /collections/${into}/import HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${user.token}\r\n${header}`;
      const sent = new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.write(`${head}Content-Type: ${NDJSON}\r\nContent-Length: ${body.length}\r\n\r\n${body}`, () =>
          resolve(),
        );
      });
      await sent;
      const [answer] = (await once(socket.resume(), 'data')) as [Buffer];
      socket.destroy();
      expect(answer.toString()).toMatch(/^HTTP\/1.1 400 /);
    },
    60_000,
  );

  describe('an import from a stranger', () => {
    const head = '{"type":"collection","format":1}';
    const words = 'The ferry leaves at noon.';
    const line = (record: object): string => JSON.stringify(record);
    const document = (more: object = {}): string =>
      line({
        type: 'document',
        doc_id: 'd',
        mime: 'text/plain',
        metadata: {},
        sha256: createHash('sha256').update(words).digest('hex'),
        original: 'text',
        chunks: 1,
        ...more,
      });
    const text = line({ type: 'text', text: words });
    const chunk = (more: object = {}): string =>
      line({
        type: 'chunk',
        ordinal: 0,
        text: words,
        search_text: `Timetable\n${words}`,
        char_start: 0,
        char_end: words.length,
        heading_path: [],
        token_count: 8,
        ...more,
      });
    const end = '{"type":"end_document"}';
    const last = '{"type":"end","documents":1}';
    let into: string;
    beforeAll(async () => {
      into = await makeCollection('strangers');
    });

    it.each([
      ['shows words that its text does not hold', { text: 'The ferry leaves at dusk.' }, 4],
      ['is found by words that it does not hold', { search_text: 'money '.repeat(10) }, 4],
      ['is found by far more than it holds', { search_text: 'money '.repeat(10_000) + words }, 4],
      ['has endless headings', { heading_path: Array.from({ length: 5000 }, () => 'x'.repeat(100)) }, 4],
      ['has nothing to show', { char_end: 0 }, 4],
    ])('brings no passage that %s', async (_what, more, at) => {
      const answer = await imported(into, [head, document(), text, chunk(more), end, last].join('\n'));
      expect([answer.status, answer.body.errors?.[0]?.field]).toEqual([400, `line ${at}`]);
    });

    it('brings no passage that is longer than any encoder reads', async () => {
      const long = 'word '.repeat(20_000);
      const lines = [
        head,
        document({ sha256: createHash('sha256').update(long).digest('hex') }),
        line({ type: 'text', text: long }),
        chunk({ text: long, search_text: long, char_end: long.length }),
        end,
        last,
      ];
      const answer = await imported(into, lines.join('\n'));
      expect([answer.status, answer.body.errors?.[0]?.field]).toEqual([400, 'line 4']);
    });

    it('takes no text once it has begun with passages of it', async () => {
      const answer = await imported(into, [head, document(), text, chunk(), text, end, last].join('\n'));
      expect([answer.status, answer.body.errors?.[0]?.field]).toEqual([400, 'line 5']);
    });

    it('reads null as no metadata', async () => {
      const bare = document().replace('"metadata":{}', '"metadata":null');
      const answer = await imported(into, [head, bare, text, chunk(), end, last].join('\n'));
      expect(answer.status).toBe(200);
      const [{ metadata }] = (await user.get(`/documents?collection_id=${into}&doc_id=d`)).body.items;
      expect(metadata).toEqual({});
    });

    it.each([
      ['nested without end', `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`],
      ['with a prototype', '{"__proto__":{"admin":true}}'],
      ['with half a character', '{"a":"\\ud800"}'],
    ])('brings no metadata %s', async (_what, metadata) => {
      const broken = document().replace('"metadata":{}', `"metadata":${metadata}`);
      const answer = await imported(into, [head, broken, text, chunk(), end, last].join('\n'));
      expect([answer.status, answer.body.errors?.[0]?.field]).toEqual([400, 'line 2']);
    });

    it('is answered as any other document, whatever its names hold', async () => {
      const odd = document({
        language: '!!\n',
        mime: 'text/html\r\nSet-Cookie: a=b',
        file_name: '../../etc/\r\npasswd',
        title: 'Time\r\nX-Injected: 1',
      });
      const answer = await imported(into, [head, odd, text, chunk(), end, last].join('\n'));
      expect(answer.status).toBe(200);
      const [{ id, mime }] = (await user.get(`/documents?collection_id=${into}&doc_id=d`)).body.items;
      expect(mime).toBe('application/octet-stream');
      for (const part of ['', '/text', '/chunks', '/content']) {
        const shown = await user.get(`/documents/${id}${part}`);
        expect([part, shown.status, shown.headers['set-cookie'], shown.headers['x-injected']]).toEqual([
          part,
          200,
          undefined,
          undefined,
        ]);
      }
      const hits = await user.post('/rag/rag_query', {
        body: { query: 'ferry at noon', collection_ids: [into] },
      });
      expect(hits.body.results[0].id).toBe('d');
    });

    it('has two at a time, and others have theirs', async () => {
      const { port } = app.app.getHttpServer().address() as AddressInfo;
      const open: http.ClientRequest[] = [];
      // One that comes while the two are taken tries again.
      const hold = (): void => {
        const request = http.request({
          port,
          method: 'POST',
          path: `/collections/${into}/import`,
          headers: { authorization: `Bearer ${user.token}`, 'content-type': NDJSON },
        });
        request.on('error', () => undefined);
        request.once('response', (response) => {
          response.resume();
          if (response.statusCode === 429) hold();
        });
        request.write(`${head}\n`);
        open.push(request);
      };
      hold();
      hold();
      const theirs = await makeCollection('theirs', other);
      const whole = [head, document(), text, chunk(), end, last].join('\n');
      try {
        let refused = await imported(into, whole);
        for (const until = Date.now() + 120_000; refused.status === 200 && Date.now() < until;)
          refused = await imported(into, whole);
        expect([refused.status, refused.body.code]).toEqual([429, 'too_many_requests']);
        expect((await imported(theirs, whole, other)).status).toBe(200);
      } finally {
        for (const request of open) request.destroy();
      }
      let again = await imported(into, whole);
      for (const until = Date.now() + 120_000; again.status !== 200 && Date.now() < until;)
        again = await imported(into, whole);
      expect(again.status).toBe(200);
    });
  });

  describe('npm run ingest', () => {
    let folder: string;

    beforeEach(() => {
      folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ingest-'));
      fs.mkdirSync(path.join(folder, 'sub/.git'), { recursive: true });
      fs.writeFileSync(path.join(folder, 'one.txt'), 'The first file of the folder.');
      fs.writeFileSync(path.join(folder, 'sub/two.md'), '# Two\n\nThe second file.');
      fs.writeFileSync(path.join(folder, 'sub/empty.txt'), '');
      fs.writeFileSync(path.join(folder, 'sub/.git/config'), 'hidden');
      fs.symlinkSync('/etc/passwd', path.join(folder, 'link.txt'));
    });
    afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

    async function ingest(
      args: string[],
      env: Record<string, string> = {},
    ): Promise<{ code: number | string; output: string }> {
      const { port } = app.app.getHttpServer().address() as { port: number };
      const run = runNode('dist/cli/ingest.js', args, {
        API_URL: `http://127.0.0.1:${port}`,
        API_EMAIL: user.account.email,
        API_PASSWORD: user.account.password,
        ...env,
      });
      const code = await run.ended;
      return { code, output: run.output() };
    }

    it('uploads a tree, tells what failed, and then only what changed', async () => {
      const collection = await makeCollection(`tree ${path.basename(folder)}`);
      const first = await ingest([folder, '--collection', collection]);
      expect(first.output).toContain('3 files: 3 uploaded, 0 unchanged; 2 ready, 1 failed');
      expect(first.output).toMatch(/sub\/empty\.txt +document_empty +The file is empty/);
      expect(first.code).toBe(1);
      const { items } = (await user.get(`/documents?collection_id=${collection}`)).body;
      expect(items.map((item: { doc_id: string }) => item.doc_id).toSorted()).toEqual([
        'one.txt',
        'sub/empty.txt',
        'sub/two.md',
      ]);

      fs.rmSync(path.join(folder, 'sub/empty.txt'));
      const second = await ingest([folder, '--collection', collection]);
      expect(second.output).toContain('2 files: 0 uploaded, 2 unchanged; 2 ready, 0 failed');
      expect(second.code).toBe(0);

      fs.writeFileSync(path.join(folder, 'one.txt'), 'The first file, changed.');
      const third = await ingest([
        `${folder}/**/*.{txt,md}`,
        '--collection',
        `tree ${path.basename(folder)}`,
      ]);
      expect(third.output).toContain('2 files: 1 uploaded, 1 unchanged; 2 ready, 0 failed');
    });

    it('says in one line what is wrong', async () => {
      expect((await ingest([])).code).toBe(64);
      const cases: [string[], Record<string, string>, RegExp][] = [
        [[path.join(folder, 'missing')], {}, /there is no/],
        [[folder], { API_PASSWORD: 'wrong password entirely' }, /answered 401/],
        [[folder, '--collection', 'no such'], {}, /no collection no such/],
        [[folder], { API_URL: 'http://127.0.0.1:9' }, /does not answer/],
        [[folder], { API_EMAIL: '', API_PASSWORD: '', API_KEY: 'nonsense' }, /answered 401/],
      ];
      for (const [args, env, words] of cases) {
        const { code, output } = await ingest(args, env);
        expect(code).toBe(1);
        expect(output).toMatch(words);
        expect(output.trim().split('\n')).toHaveLength(1);
      }
    });
  });
});

describe('an import and an export that take longer than an access token lives', () => {
  it('come to their end', async () => {
    const app = await startTestApp({ ACCESS_TOKEN_TTL: '10s' });
    try {
      const user = await Browser.signedUp(app);
      const { id } = (await user.post('/collections', { body: { name: 'patient' } })).body;
      await user.upload([{ name: 'noise.bin', data: randomBytes(24 * 1024 * 1024) }], { collection_id: id });
      await user.signedIn();
      const { port } = app.app.getHttpServer().address() as AddressInfo;
      const headers = { authorization: `Bearer ${user.token}` };
      const [reading] = (await once(
        http.get({ port, path: `/collections/${id}/export`, headers, agent: false }),
        'response',
      )) as [http.IncomingMessage];
      const writing = http.request({
        port,
        method: 'POST',
        path: `/collections/${id}/import`,
        headers: { ...headers, 'content-type': NDJSON },
        agent: false,
      });
      const answer = once(writing, 'response') as Promise<[http.IncomingMessage]>;
      writing.write('{"type":"collection","format":1}\n');
      expect(reading.statusCode).toBe(200);
      for (const until = Date.now() + 60_000; (await user.me()).status !== 401; await sleep(200))
        if (Date.now() > until) throw new Error('the token does not expire');
      writing.end(`${linesOf('late')}{"type":"end","documents":1}\n`);
      const [written] = await answer;
      expect(written.statusCode).toBe(200);
      written.resume();
      let end = '';
      for await (const part of reading) end = (end + String(part)).slice(-100);
      expect(end).toMatch(/\{"type":"end","documents":\d\}\n$/);
    } finally {
      await app.close();
    }
  });
});

describe('exports that nobody takes', () => {
  it('are three of a user, and end after a while', async () => {
    const app = await startTestApp({ STREAM_WRITE_TIMEOUT: '200ms' });
    try {
      const user = await Browser.signedUp(app);
      const { id } = (await user.post('/collections', { body: { name: 'large' } })).body;
      const large = { name: 'noise.bin', data: randomBytes(24 * 1024 * 1024) };
      expect((await user.upload([large], { collection_id: id })).status).toBe(202);
      const { port } = app.app.getHttpServer().address() as AddressInfo;
      const open = (): Promise<http.IncomingMessage> =>
        new Promise((resolve, reject) => {
          const headers = { authorization: `Bearer ${user.token}` };
          http
            .get({ port, path: `/collections/${id}/export`, headers, agent: false }, (response) => {
              response.on('error', () => undefined);
              resolve(response);
            })
            .on('error', reject);
        });
      const stalled = [await open(), await open(), await open()];
      expect(stalled.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
      expect((await open()).statusCode).toBe(429);
      let again = await open();
      for (const until = Date.now() + 60_000; again.statusCode !== 200 && Date.now() < until;) {
        await sleep(500);
        again = await open();
      }
      expect(again.statusCode).toBe(200);
      // One that is read ends with its last line.
      let end = '';
      for await (const part of again) end = (end + String(part)).slice(-100);
      expect(end).toMatch(/\{"type":"end","documents":1\}\n$/);
      for (const response of stalled) response.destroy();
    } finally {
      await app.close();
    }
  });
});
