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
  chunks?: number;
  documents?: number;
  left_out?: string[];
}
interface Written {
  doc_id: string;
  original: string;
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
  let open: Written = { doc_id: '', original: '', text: '' };
  for (const { type, doc_id = '', original = '', text = '' } of lines) {
    if (type === 'document') open = { doc_id, original, text: '' };
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
    expect(last).toEqual({ type: 'end', documents: 3 });
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
});
