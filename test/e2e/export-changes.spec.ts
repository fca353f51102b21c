import fs from 'node:fs';
import http from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { untilQuiet } from '../support/stored-files.js';

const PDF = fs.readFileSync(
  path.resolve(import.meta.dirname, '../../data/samples/millbrook-operating-manual.pdf'),
);
const NDJSON = 'application/x-ndjson';
const DOCUMENTS = 40;
const FILES = 6;

interface Line {
  type: string;
  doc_id?: string;
  text?: string;
  original?: string;
  lost?: string;
  chunks?: number;
  documents?: number;
  left_out?: string[];
}
interface Written {
  doc_id: string;
  original: string;
  lost: string | undefined;
  text: string;
}

/** The documents that an export holds whole. */
function written(content: string): { whole: Written[]; discarded: number; last: Line | undefined } {
  const lines = content
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const whole: Written[] = [];
  let discarded = 0;
  let open: Written = { doc_id: '', original: '', lost: undefined, text: '' };
  for (const { type, doc_id = '', original = '', lost, text = '' } of lines) {
    if (type === 'document') open = { doc_id, original, lost, text: '' };
    if (type === 'text') open.text += text;
    if (type === 'end_document') whole.push(open);
    if (type === 'discard') discarded++;
  }
  return { whole, discarded, last: lines.at(-1) };
}

describe('an export of documents that change', () => {
  let app: TestApp;
  let user: Browser;

  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
  });
  afterAll(() => app?.close());

  const makeCollection = async (name: string): Promise<string> =>
    (await user.post('/collections', { body: { name } })).body.id;
  const open = async (id: string): Promise<http.IncomingMessage> => {
    const { port } = app.app.getHttpServer().address() as AddressInfo;
    const headers = { authorization: `Bearer ${user.token}` };
    const response = await new Promise<http.IncomingMessage>((resolve, reject) =>
      http.get({ port, path: `/collections/${id}/export`, headers }, resolve).on('error', reject),
    );
    response.setEncoding('utf8');
    return response;
  };
  const rest = async (response: http.IncomingMessage): Promise<string> => {
    let content = '';
    for await (const part of response) content += part as string;
    return content;
  };
  const imported = (id: string, content: string) =>
    app
      .http()
      .post(`/collections/${id}/import`)
      .set('Authorization', `Bearer ${user.token}`)
      .type(NDJSON)
      .send(content);
  const add = async (collection: string, text: (i: number) => string): Promise<void> => {
    for (let from = 0; from < DOCUMENTS; from += 10) {
      const documents = Array.from({ length: 10 }, (_, i) => ({
        doc_id: `d${from + i}`,
        text: text(from + i),
      }));
      const added = await user.post('/rag/add_documents', {
        body: { collection_id: collection, documents, wait_ms: 0 },
      });
      expect(added.status).toBe(200);
    }
  };
  const upload = async (collection: string, docId: string, data: Buffer, name: string): Promise<string> => {
    const { body } = await user.upload([{ name, data }], { collection_id: collection, doc_id: docId });
    return (await user.settled(body.documents[0].id)).id;
  };

  it('holds each of them once, as it was at some moment, and can be brought back', async () => {
    const from = await makeCollection('from');
    await add(from, (i) => `ferry ${i} `.repeat(24_000));
    const files: string[] = [];
    for (let i = 0; i < FILES; i++)
      files.push(await upload(from, `f${i}`, Buffer.from(`The first edition of file ${i}.`), `${i}.txt`));

    // All rows are read before the first is written out. Of twenty megabytes and more, what does not fit into the
    // buffers of the connection waits for the reader.
    const response = await open(from);
    response.pause();
    await once(response, 'readable');
    await add(from, (i) => `The second edition of note ${i}.`);
    for (let i = 1; i < FILES; i++)
      await upload(from, `f${i}`, Buffer.from(`The second edition of file ${i}.`), `${i}.txt`);
    expect((await user.delete(`/documents/${files[0]}`)).status).toBe(202);
    await user.delete(`/documents?doc_id=d0&collection_id=${from}`);
    await untilQuiet(app);

    const content = await rest(response);
    const { whole, discarded, last } = written(content);
    expect(last).toEqual({ type: 'end', documents: whole.length });
    const ids = whole.map((one) => one.doc_id);
    expect(new Set(ids).size).toBe(ids.length);
    const kept = [
      ...Array.from({ length: DOCUMENTS - 1 }, (_, i) => `d${i + 1}`),
      ...Array.from({ length: FILES - 1 }, (_, i) => `f${i + 1}`),
    ];
    expect(ids).toEqual(expect.arrayContaining(kept));
    expect(discarded).toBeGreaterThan(0);
    expect(whole.some(({ text }) => text.startsWith('The second edition'))).toBe(true);
    for (const { text, doc_id } of whole)
      expect(text).toMatch(new RegExp(`^(ferry|The (first|second) edition of \\w+) ${doc_id.slice(1)}\\b`));

    const into = await makeCollection('into');
    const answer = await imported(into, content);
    expect([answer.status, answer.body.documents]).toEqual([200, whole.length]);
  });

  it('is whole where an original is gone from the store, and says which', async () => {
    const from = await makeCollection('lost');
    const manual = await upload(from, 'manual', PDF, 'manual.pdf');
    await upload(from, 'unread', Buffer.from(' '), 'empty.txt');
    await user.post('/rag/add_document', {
      body: { collection_id: from, doc_id: 'text', text: 'A text needs no file.', wait_ms: 0 },
    });
    const rows = await app.source.query<{ file_key: string }[]>(
      `select v.file_key from document_versions v join documents d on d.latest_version_id = v.id
       where d.collection_id = $1 and v.file_key is not null`,
      [from],
    );
    expect(rows).toHaveLength(2);
    for (const { file_key } of rows) fs.rmSync(path.join(app.settings.dataDir, 'files', file_key));

    const content = await rest(await open(from));
    const { whole, last } = written(content);
    expect(last).toEqual({ type: 'end', documents: 3, originals_missing: 2 });
    expect(Object.fromEntries(whole.map((one) => [one.doc_id, one.original]))).toEqual({
      manual: 'lost',
      unread: 'lost',
      text: 'text',
    });

    const into = await makeCollection('found');
    const answer = await imported(into, content);
    expect([answer.status, answer.body]).toEqual([
      200,
      { documents: 2, unread: 0, empty: 1, chunks: expect.any(Number) },
    ]);
    const { items } = (await user.get(`/documents?collection_id=${into}&doc_id=manual`)).body;
    const before = (await user.get(`/documents/${manual}`)).body;
    expect(items[0]).toMatchObject({
      title: before.title,
      chunks: before.chunks,
      pages: before.pages,
      mime: 'text/plain',
      status: 'ready',
    });
    const text = (id: string) => user.get(`/documents/${id}/text`).then((shown) => shown.text);
    expect(await text(items[0].id)).toBe(await text(manual));
    expect((await user.get(`/documents/${items[0].id}/content`)).text).toBe(await text(manual));
    // Nothing is lost of it from now on.
    expect(written(await rest(await open(into))).whole.map((one) => one.original)).toEqual(['text', 'text']);
  });

  describe('with a file that cannot be read', () => {
    const WORDS = 'The harbour log of March. '.repeat(2000).trim();
    let from: string;
    let file: string;

    beforeEach(async () => {
      from = await makeCollection('broken');
      const id = await upload(from, 'log', Buffer.from(WORDS), 'log.txt');
      await upload(from, 'other', Buffer.from('The other file is well.'), 'other.txt');
      const [row] = await app.source.query<{ file_key: string }[]>(
        `select v.file_key from document_versions v join documents d on d.active_version_id = v.id where d.id = $1`,
        [id],
      );
      file = path.join(app.settings.dataDir, 'files', row!.file_key);
      await untilQuiet(app);
    });
    afterEach(() => fs.rmSync(file, { recursive: true, force: true }));

    it.each([
      [
        'is not opened',
        () => {
          fs.rmSync(file);
          fs.symlinkSync(file, file);
        },
      ],
      [
        'is not read once it is open',
        () => {
          fs.rmSync(file);
          fs.mkdirSync(file);
        },
      ],
      ['became shorter', () => fs.truncateSync(file, 1000)],
      ['became another', () => fs.writeFileSync(file, WORDS.replaceAll('March', 'April'))],
    ])('is whole but for that file: it %s', async (_what, damage) => {
      damage();
      const content = await rest(await open(from));
      const { whole, last } = written(content);
      expect(last).toEqual({ type: 'end', documents: 2, originals_unreadable: 1 });
      expect(
        Object.fromEntries(whole.map((one) => [one.doc_id, [one.original, one.lost, one.text]])),
      ).toEqual({
        log: ['lost', 'unreadable', WORDS],
        other: ['file', undefined, 'The other file is well.'],
      });
      const into = await makeCollection('mended');
      const answer = await imported(into, content);
      expect([answer.status, answer.body]).toMatchObject([200, { documents: 2, unread: 0, empty: 0 }]);
    });

    it('breaks off where the whole store is away, and does not look complete', async () => {
      const files = path.join(app.settings.dataDir, 'files');
      fs.renameSync(files, `${files}.away`);
      try {
        const response = await open(from);
        let content = '';
        response.on('data', (part: string) => (content += part));
        const ended = await new Promise((resolve) => {
          response.once('end', () => resolve('whole'));
          response.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
        });
        expect(ended).toBe('ECONNRESET');
        expect(content).toContain('"type":"collection"');
        expect(content).not.toContain('"type":"end"');
      } finally {
        fs.renameSync(`${files}.away`, files);
      }
      expect(written(await rest(await open(from))).last).toEqual({ type: 'end', documents: 2 });
    });
  });
});

describe('an export of files in a bucket', () => {
  const objects = new Map<string, Buffer>();
  let failing: (key: string, response: http.ServerResponse) => boolean = () => false;
  let bucket: http.Server;
  let app: TestApp;
  let user: Browser;

  /** As much of S3 as single objects need, with failures at will: no server that a registry provides has these. */
  const answer = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const { pathname: key, searchParams } = new URL(request.url ?? '', 'http://bucket');
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (request.method === 'PUT') objects.set(key, Buffer.concat(parts));
    if (request.method !== 'GET') return void response.writeHead(200, { etag: '"1"' }).end();
    if (searchParams.has('list-type')) return void response.end('<ListBucketResult></ListBucketResult>');
    if (!key.endsWith('/.installation') && failing(key, response)) return;
    const found = objects.get(key);
    if (found) response.writeHead(200, { 'content-length': found.length }).end(found);
    else response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
  };

  beforeAll(async () => {
    bucket = http.createServer((request, response) => void answer(request, response));
    bucket.listen(0, '127.0.0.1');
    await once(bucket, 'listening');
    app = await startTestApp({
      FILE_STORE: 's3',
      S3_BUCKET: 'documents',
      S3_ENDPOINT: `http://127.0.0.1:${(bucket.address() as AddressInfo).port}`,
      S3_FORCE_PATH_STYLE: 'true',
      S3_ACCESS_KEY_ID: 'key',
      S3_SECRET_ACCESS_KEY: 'secret',
    });
    user = await Browser.signedUp(app);
  });
  afterAll(async () => {
    await app?.close();
    bucket?.closeAllConnections();
    bucket?.close();
  });

  const body = Buffer.from('The tide table of the north pier. '.repeat(20_000));
  /** Sends a part of the object, and hangs up. */
  const cut = (_key: string, response: http.ServerResponse): boolean => {
    response.writeHead(200, { 'content-length': body.length });
    response.write(body.subarray(0, 300_000), () => response.destroy());
    return true;
  };
  const refuse =
    (status: number, code: string) =>
    (_key: string, response: http.ServerResponse): boolean => {
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`);
      return true;
    };

  it.each([
    ['is refused', refuse(403, 'AccessDenied'), 'lost'],
    ['fails each time', refuse(500, 'InternalError'), 'lost'],
    ['breaks off each time', cut, 'lost'],
    ['breaks off once', cut, 'file'],
  ])('is whole where one %s', async (what, failure, original) => {
    const { id } = (await user.post('/collections', { body: { name: what } })).body;
    const sent = await user.upload([{ name: 'tide.txt', data: body }], {
      collection_id: id,
      allow_duplicate: 'true',
    });
    await user.settled(sent.body.documents[0].id);
    let failures = 0;
    failing = (key, response) => (original === 'file' && failures++ > 0 ? false : failure(key, response));
    try {
      const exported = await app
        .http()
        .get(`/collections/${id}/export`)
        .set('Authorization', `Bearer ${user.token}`)
        .buffer(true)
        .parse((stream, done) => {
          let text = '';
          stream.setEncoding('utf8');
          stream.on('data', (part: string) => (text += part));
          stream.on('end', () => done(null, text));
        });
      const { whole, last } = written(exported.body as string);
      expect(whole).toHaveLength(1);
      expect(whole[0]).toMatchObject({ original });
      expect(last).toEqual({
        type: 'end',
        documents: 1,
        ...(original === 'lost' ? { originals_unreadable: 1 } : {}),
      });
    } finally {
      failing = () => false;
    }
  });
});
