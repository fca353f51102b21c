import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { jest } from '@jest/globals';
import { IdempotencyStore } from '../../src/common/http/idempotency.port.js';
import { REMOVE_JOB } from '../../src/documents/document-jobs.types.js';
import { DocumentRemovalService } from '../../src/documents/removal/document-removal.service.js';
import { JobQueue } from '../../src/jobs/job-queue.service.js';
import { newDataDir, startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { storedFiles, untilQuiet } from '../support/stored-files.js';

/**
 * Every other POST takes a key. These change what is there, ask, begin what there is only one of, or come from somebody who
 * is not known yet.
 */
const MAKES_NOTHING = [
  '/admin/evaluations/{id}/cancel',
  '/admin/evaluations/{id}/retry',
  '/admin/index',
  '/admin/index/activate',
  '/admin/index/cancel',
  '/admin/index/rebuild',
  '/admin/index/reconcile',
  '/admin/index/rollback',
  '/admin/jobs/{id}/cancel',
  '/admin/jobs/{id}/retry',
  '/admin/users/{id}/disable',
  '/admin/users/{id}/enable',
  '/admin/users/{id}/invitation',
  '/auth/email/change',
  '/auth/email/change/confirm',
  '/auth/email/resend',
  '/auth/email/verify',
  '/auth/invitations/accept',
  '/auth/login',
  '/auth/login/mfa',
  '/auth/logout',
  '/auth/mfa/recovery-codes',
  '/auth/mfa/totp',
  '/auth/mfa/totp/confirm',
  '/auth/mfa/totp/remove',
  '/auth/password',
  '/auth/password/forgot',
  '/auth/password/reset',
  '/auth/reauthenticate',
  '/auth/refresh',
  '/auth/register',
  '/documents/{id}/cancel',
  '/documents/{id}/retry',
  '/llm/generate',
  '/rag/answers/{id}/feedback',
  '/rag/ask',
  '/rag/langchain_query',
  '/rag/rag_query',
  '/webhooks/{id}/deliveries/{delivery_id}/retry',
  '/webhooks/{id}/ping',
  '/webhooks/{id}/rotate',
];

describe('Idempotency-Key', () => {
  let app: TestApp;
  let user: Browser;

  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
  });
  afterAll(() => app?.close());

  const post = (route: string, body: object, key: string, browser = user) =>
    browser.post(route, { body, headers: { 'idempotency-key': key } });
  const upload = (key: string, content: string, fields: Record<string, string> = {}) => {
    let request = app
      .http()
      .post('/documents')
      .set('Authorization', `Bearer ${user.token}`)
      .set('Idempotency-Key', key);
    for (const [name, value] of Object.entries(fields)) request = request.field(name, value);
    return request.attach('file', Buffer.from(content), { filename: 'a.txt', contentType: 'text/plain' });
  };
  const collections = async (): Promise<number> =>
    (await user.get('/collections?limit=200')).body.items.length;

  it('creates once and answers the same to every repetition', async () => {
    const key = randomUUID();
    const before = await collections();
    const first = await post('/collections', { name: 'Once' }, key);
    expect(first.status).toBe(201);
    const again = await post('/collections', { name: 'Once' }, key);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    expect(await collections()).toBe(before + 1);
  });

  it.each([
    ['/collections', { name: 'A' }, { name: 'B' }],
    ['/rag/add_document', { doc_id: 'k', text: 'one' }, { doc_id: 'k', text: 'two' }],
    [
      '/rag/add_documents',
      { documents: [{ doc_id: 'k', text: 'one' }] },
      { documents: [{ doc_id: 'l', text: 'one' }] },
    ],
  ])('refuses another body under the same key at %s', async (route, body, other) => {
    const key = randomUUID();
    expect((await post(route, body, key)).status).toBeLessThan(300);
    const refused = await post(route, other, key);
    expect([refused.status, refused.body.code]).toEqual([422, 'idempotency_key_reused']);
    expect((await post(route, body, key)).status).toBeLessThan(300);
  });

  it('tells routes apart', async () => {
    const key = randomUUID();
    const body = { doc_id: 'r', text: 'one' };
    expect((await post('/rag/add_document', body, key)).status).toBe(200);
    expect((await post('/collections', body, key)).status).toBe(422);
  });

  it('belongs to one user', async () => {
    const other = await Browser.signedUp(app);
    const key = randomUUID();
    const mine = await post('/collections', { name: 'Same key' }, key);
    const theirs = await post('/collections', { name: 'Same key' }, key, other);
    expect(theirs.status).toBe(201);
    expect(theirs.body.id).not.toBe(mine.body.id);
  });

  it('does not answer a credential that may less than the one before', async () => {
    const key = randomUUID();
    const send = (as: Browser) =>
      as.post('/collections', { body: { name: 'mine alone' }, headers: { 'Idempotency-Key': key } });
    expect((await send(user)).status).toBe(201);
    const { body } = await user.post('/collections', { body: { name: 'other' } });
    const made = await user.post('/auth/api-keys', {
      body: { name: 'limited', scopes: ['collections:write'], collection_ids: [body.id] },
    });
    const limited = new Browser(app, user.account);
    limited.token = made.body.key;
    const refused = await send(limited);
    expect([refused.status, refused.body.code]).toEqual([422, 'idempotency_key_reused']);
  });

  it('lets one of many requests at once through', async () => {
    const key = randomUUID();
    const before = await collections();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post('/collections', { name: 'Crowd' }, key)),
    );
    const created = answers.filter((answer) => answer.status === 201);
    expect(created.length).toBeGreaterThan(0);
    expect(new Set(created.map((answer) => answer.body.id)).size).toBe(1);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect([answer.status, answer.body.code]).toEqual([409, 'idempotency_in_flight']);
      expect(answer.headers['retry-after']).toBe('1');
    }
    expect(await collections()).toBe(before + 1);
  });

  it('forgets a request that failed', async () => {
    const key = randomUUID();
    expect((await post('/collections', { name: '' }, key)).status).toBe(400);
    expect((await post('/collections', { name: 'Now right' }, key)).status).toBe(201);
  });

  it('repeats an upload, however the form was cut, and keeps one file', async () => {
    const key = randomUUID();
    const count = (): number => storedFiles(app).length;
    await upload(randomUUID(), 'some other file');
    await untilQuiet(app);
    const before = count();
    const first = await upload(key, 'the same file', { allow_duplicate: 'true' });
    expect(first.status).toBe(202);
    const again = await upload(key, 'the same file', { allow_duplicate: 'true' });
    expect([again.status, again.body]).toEqual([202, first.body]);
    expect(count()).toBe(before + 1);
    for (const changed of [
      await upload(key, 'another file', { allow_duplicate: 'true' }),
      await upload(key, 'the same file', { allow_duplicate: 'true', metadata: '{"a":1}' }),
    ])
      expect(changed.body.code).toBe('idempotency_key_reused');
    expect(count()).toBe(before + 1);
  });

  it.each(['', ' ', 'x'.repeat(256), 'with space'])('refuses the key %p', async (key) => {
    expect((await post('/collections', { name: 'x' }, key)).status).toBe(400);
  });

  it('keeps no answer that can be read in the database', async () => {
    const key = randomUUID();
    const name = `visible-${randomUUID()}`;
    await post('/collections', { name }, key);
    const [row] = await app.source.query<{ dump: string }[]>(
      `select string_agg(encode(answer, 'escape') || encode(key_hash, 'escape'), '') as dump from idempotency_keys`,
    );
    expect(row?.dump).not.toContain(name);
    expect(row?.dump).not.toContain(key);
  });

  /** As if the process had ended between doing the work and writing down the answer. */
  const loseAnswers = (): Promise<unknown> =>
    app.source.query(
      "update idempotency_keys set answer = null, locked_until = clock_timestamp() - interval '1 second'",
    );

  it('creates nothing twice when the process ended before the answer was kept', async () => {
    const [keyA, keyB, keyC] = [randomUUID(), randomUUID(), randomUUID()];
    const before = await collections();
    const collection = await post('/collections', { name: 'Crash' }, keyA);
    const file = await upload(keyB, 'a crash file', { allow_duplicate: 'true' });
    const keyD = randomUUID();
    const single = await upload(keyD, 'a file like no other', {});
    const added = await post('/rag/add_document', { doc_id: 'crash', text: 'crash text' }, keyC);
    const versions = async (): Promise<unknown> =>
      app.source.query('select id, file_key from document_versions order by id');
    const stored = await versions();
    await loseAnswers();
    const collectionAgain = await post('/collections', { name: 'Crash' }, keyA);
    const fileAgain = await upload(keyB, 'a crash file', { allow_duplicate: 'true' });
    const addedAgain = await post('/rag/add_document', { doc_id: 'crash', text: 'crash text' }, keyC);
    expect(collectionAgain.body).toEqual(collection.body);
    expect(await collections()).toBe(before + 1);
    expect(fileAgain.body.documents[0]).toMatchObject({
      id: file.body.documents[0].id,
      doc_id: file.body.documents[0].doc_id,
      duplicate_of: null,
    });
    const singleAgain = await upload(keyD, 'a file like no other', {});
    expect(singleAgain.body.documents[0]).toMatchObject({
      id: single.body.documents[0].id,
      doc_id: single.body.documents[0].doc_id,
      duplicate_of: null,
    });
    expect(addedAgain.body.document_id).toBe(added.body.document_id);
    // The text is stored once more, as any text that replaces another; a file is not read once more.
    const files = (rows: unknown): unknown[] =>
      (rows as { file_key: unknown }[]).filter((row) => row.file_key);
    expect(files(await versions())).toEqual(files(stored));
  });

  describe('of an upload whose document was deleted before its answer was kept', () => {
    /** It is hidden and not yet taken apart. */
    const deleted = async (ids: readonly string[], work: () => Promise<void>): Promise<void> => {
      const removal = app.app.get(DocumentRemovalService, { strict: false });
      const held = jest.spyOn(removal, 'removable').mockResolvedValue([]);
      try {
        for (const id of ids) expect((await user.delete(`/documents/${id}`)).status).toBe(202);
        await loseAnswers();
        await work();
      } finally {
        held.mockRestore();
        const jobs = app.app.get(JobQueue, { strict: false });
        await app.source.transaction((tx) => jobs.enqueue(tx, REMOVE_JOB, {}));
      }
    };

    it('makes another document, and the same one at every repetition', async () => {
      const key = randomUUID();
      const fields = { allow_duplicate: 'true' };
      const first = (await upload(key, 'deleted too soon', fields)).body.documents[0];
      await user.settled(first.id);
      await deleted([first.id], async () => {
        const again = await upload(key, 'deleted too soon', fields);
        expect(again.status).toBe(202);
        const [second] = again.body.documents;
        expect([second.id, second.doc_id]).not.toEqual([first.id, first.doc_id]);
        expect((await user.settled(second.id)).status).toBe('ready');
        await loseAnswers();
        const third = await upload(key, 'deleted too soon', fields);
        expect([third.status, third.body.documents[0].id]).toEqual([202, second.id]);
      });
    });

    it('is a conflict where each document that it made was', async () => {
      const key = randomUUID();
      const ids: string[] = [];
      const send = () => upload(key, 'deleted each time', { doc_id: 'fleeting' });
      const work = async (): Promise<void> => {
        const { status, body } = await send();
        if (ids.length === 3) return expect([status, body.code]).toEqual([409, 'conflict']);
        expect(status).toBe(202);
        const { id } = body.documents[0];
        ids.push(id);
        await user.settled(id);
        await deleted([id], work);
      };
      await work();
      expect(new Set(ids).size).toBe(3);
    });
  });

  describe('at the other creating routes', () => {
    let admin: Browser;
    beforeAll(async () => {
      admin = new Browser(app, app.admin);
      await admin.signedIn();
    });
    const itemsOf = async (browser: Browser, list: string): Promise<unknown[]> =>
      (await browser.get(`${list}?limit=200`)).body.items;

    it.each([
      ['/webhooks', { url: 'https://example.com/hook' }],
      ['/conversations', { title: 'Ferries' }],
      ['/auth/api-keys', { name: 'once', scopes: ['documents:read'] }],
      ['/admin/users', { email: 'invited.once@example.com' }],
      ['/admin/roles', { name: 'readers-once' }],
    ])('%s creates once', async (route, body) => {
      const key = randomUUID();
      const before = (await itemsOf(admin, route)).length;
      const first = await post(route, body, key, admin);
      expect(first.status).toBe(201);
      const again = await post(route, body, key, admin);
      expect([again.status, again.body]).toEqual([201, first.body]);
      expect(again.headers['idempotency-replayed']).toBe('true');
      expect(await itemsOf(admin, route)).toHaveLength(before + 1);
      await loseAnswers();
      // Also where a name can be there once only: it is this request that took it.
      const redone = await post(route, body, key, admin);
      expect([redone.status, redone.body.id, redone.body.name]).toEqual([
        201,
        first.body.id,
        first.body.name,
      ]);
      expect(await itemsOf(admin, route)).toHaveLength(before + 1);
    });

    it('a secret that nobody got gives way to the one that is shown', async () => {
      const key = randomUUID();
      const body = { name: 'crash', scopes: ['documents:read'] };
      const lost = (await post('/auth/api-keys', body, key)).body;
      await loseAnswers();
      const shown = (await post('/auth/api-keys', body, key)).body;
      expect(shown.id).toBe(lost.id);
      expect(shown.key).not.toBe(lost.key);
      const status = async (bearer: string) => (await user.get('/documents', { bearer })).status;
      expect([await status(shown.key), await status(lost.key)]).toEqual([200, 401]);

      const hook = { url: 'https://example.com/hook' };
      const first = (await post('/webhooks', hook, key + 'w')).body;
      await loseAnswers();
      const second = (await post('/webhooks', hook, key + 'w')).body;
      expect(second.id).toBe(first.id);
      expect(second.secret).not.toBe(first.secret);
    });

    it('is documented wherever something is made', () => {
      const { paths } = JSON.parse(
        fs.readFileSync(path.resolve(import.meta.dirname, '../../docs/openapi.json'), 'utf8'),
      ) as { paths: Record<string, Record<string, { parameters?: { name: string }[] }>> };
      const without = Object.entries(paths)
        .filter(([, methods]) => methods['post'])
        .filter(([, methods]) => !methods['post']!.parameters?.some(({ name }) => name === 'Idempotency-Key'))
        .map(([route]) => route);
      expect(without.toSorted()).toEqual(MAKES_NOTHING);
    });
  });

  describe('at an import', () => {
    const lines = (words: string, docId = 'd'): string =>
      [
        { type: 'collection', format: 1 },
        {
          type: 'document',
          doc_id: docId,
          mime: 'text/plain',
          metadata: {},
          sha256: createHash('sha256').update(words).digest('hex'),
          original: 'text',
          chunks: 1,
        },
        { type: 'text', text: words },
        {
          type: 'chunk',
          ordinal: 0,
          text: words,
          search_text: words,
          char_start: 0,
          char_end: words.length,
          heading_path: [],
          token_count: 5,
        },
        { type: 'end_document' },
        { type: 'end', documents: 1 },
      ]
        .map((line) => JSON.stringify(line))
        .join('\n');
    const WORDS = 'The ferry leaves at noon.';

    let into: string;
    beforeEach(async () => {
      into = (await user.post('/collections', { body: { name: randomUUID() } })).body.id;
    });
    const send = (content: string, key: string) =>
      app
        .http()
        .post(`/collections/${into}/import`)
        .set('Authorization', `Bearer ${user.token}`)
        .set('Idempotency-Key', key)
        .type('application/x-ndjson')
        .send(content);
    /** A request of which a part is there; the rest is sent by its `finish`. */
    const begin = (content: string, key: string) => {
      const { port } = app.app.getHttpServer().address() as AddressInfo;
      const request = http.request({
        port,
        method: 'POST',
        path: `/collections/${into}/import`,
        headers: {
          authorization: `Bearer ${user.token}`,
          'content-type': 'application/x-ndjson',
          'idempotency-key': key,
        },
      });
      request.on('error', () => undefined);
      request.write(content.slice(0, 50));
      return {
        request,
        finish: async (): Promise<number | undefined> => {
          request.end(content.slice(50));
          const [response] = (await once(request, 'response')) as [http.IncomingMessage];
          response.resume();
          return response.statusCode;
        },
      };
    };
    const versions = async (): Promise<unknown> =>
      app.source.query(
        `select d.external_id, d.active_version_id, v.text from documents d
         join document_versions v on v.id = d.active_version_id
         where d.collection_id = $1 and d.deleted_at is null`,
        [into],
      );
    const untilHeld = async (key: string): Promise<void> => {
      const hash = createHash('sha256').update(key).digest();
      for (const until = Date.now() + 60_000; Date.now() < until;) {
        const rows = await app.source.query<unknown[]>(
          'select from idempotency_keys where key_hash = $1 and answer is null',
          [hash],
        );
        if (rows.length > 0) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error('nobody holds the key');
    };
    const untilFree = async (key: string): Promise<void> => {
      const hash = createHash('sha256').update(key).digest();
      for (const until = Date.now() + 60_000; Date.now() < until;) {
        const rows = await app.source.query<unknown[]>(
          'select from idempotency_keys where key_hash = $1 and (answer is not null or locked_until > clock_timestamp())',
          [hash],
        );
        if (rows.length === 0) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error('somebody still holds the key');
    };

    it('answers the same body as before and imports nothing again', async () => {
      const key = randomUUID();
      const first = await send(lines(WORDS), key);
      expect([first.status, first.body]).toMatchObject([200, { documents: 1, chunks: 1 }]);
      const before = await versions();
      const again = await send(lines(WORDS), key);
      expect([again.status, again.body, again.headers['idempotency-replayed']]).toEqual([
        200,
        first.body,
        'true',
      ]);
      expect(await versions()).toEqual(before);
      // However it is cut on its way.
      expect(await begin(lines(WORDS), key).finish()).toBe(200);
      expect(await versions()).toEqual(before);
    });

    it('refuses another body, and imports nothing of it', async () => {
      const key = randomUUID();
      expect((await send(lines(WORDS), key)).status).toBe(200);
      const before = await versions();
      for (const other of [lines('The ferry leaves at dusk.'), `${lines(WORDS)}\n`, lines(WORDS, 'e'), '']) {
        const refused = await send(other, key);
        expect([refused.status, refused.body.code]).toEqual([422, 'idempotency_key_reused']);
      }
      expect(await versions()).toEqual(before);
      expect((await send(lines(WORDS), key)).headers['idempotency-replayed']).toBe('true');
      expect((await post('/collections', { name: 'x' }, key)).status).toBe(422);
    });

    it('lets nobody in beside one that is still coming', async () => {
      const key = randomUUID();
      const open = begin(lines(WORDS), key);
      await untilHeld(key);
      const meanwhile = await send(lines(WORDS), key);
      expect([meanwhile.status, meanwhile.body.code]).toEqual([409, 'idempotency_in_flight']);
      expect((await post('/collections', { name: 'x' }, key)).status).toBe(422);
      expect(await versions()).toEqual([]);
      expect(await open.finish()).toBe(200);
      expect((await send(lines(WORDS), key)).headers['idempotency-replayed']).toBe('true');
    });

    it('forgets one that failed or was cut off', async () => {
      const key = randomUUID();
      expect((await send('nonsense', key)).status).toBe(400);
      const open = begin(lines(WORDS), key);
      await untilHeld(key);
      open.request.destroy();
      await untilFree(key);
      expect((await send(lines(WORDS), key)).status).toBe(200);
    });

    it('does it again where the process was lost on the way', async () => {
      const key = randomUUID();
      const lost = begin(lines(WORDS), key);
      await untilHeld(key);
      await app.source.query(
        "update idempotency_keys set locked_until = clock_timestamp() - interval '1 second' where answer is null",
      );
      const again = await send(lines(WORDS), key);
      expect([again.status, again.body.documents]).toEqual([200, 1]);
      const before = await versions();
      // What was taken for lost and comes back after all does not take the place of the answer that was given.
      lost.request.destroy();
      expect((await send(lines(WORDS), key)).headers['idempotency-replayed']).toBe('true');
      expect(await versions()).toEqual(before);
    });

    it('makes nothing of a body that nobody looked at, should its answer expire meanwhile', async () => {
      const key = randomUUID();
      const looked = jest
        .spyOn(app.app.get(IdempotencyStore, { strict: false }), 'beginUnread')
        .mockResolvedValueOnce('answered');
      const late = await send(lines(WORDS), key);
      looked.mockRestore();
      expect([late.status, late.body.code]).toEqual([409, 'idempotency_in_flight']);
      expect(await versions()).toEqual([]);
      expect((await send(lines(WORDS), key)).status).toBe(200);
    });
  });

  it('is blocked by a request in flight until its process is given up', async () => {
    const key = randomUUID();
    await post('/collections', { name: 'Slow' }, key);
    await app.source.query(
      "update idempotency_keys set answer = null, locked_until = clock_timestamp() + interval '1 hour'",
    );
    expect((await post('/collections', { name: 'Slow' }, key)).status).toBe(409);
    await loseAnswers();
    expect((await post('/collections', { name: 'Slow' }, key)).status).toBe(201);
  });

  it('that is forgotten while its upload comes makes no document of bytes that nobody kept', async () => {
    const looked = jest
      .spyOn(app.app.get(IdempotencyStore, { strict: false }), 'isAnswered')
      .mockResolvedValueOnce(true);
    const key = randomUUID();
    await untilQuiet(app);
    const before = storedFiles(app);
    const late = await upload(key, 'came late');
    expect([late.status, late.body.code]).toEqual([409, 'idempotency_in_flight']);
    expect(storedFiles(app)).toEqual(before);
    looked.mockRestore();
    expect((await upload(key, 'came late')).status).toBe(202);
  });

  describe('after a day', () => {
    let admin: Browser;
    beforeAll(async () => {
      admin = await new Browser(app, app.admin).signedIn();
    });
    const pass = (): Promise<unknown> =>
      app.source.query("update idempotency_keys set expires_at = clock_timestamp() - interval '1 second'");
    const QUESTIONS = {
      queries: [{ id: 'q', text: 'When does the ferry leave?' }],
      judgements: [{ query_id: 'q', document_id: randomUUID(), relevance: 1 }],
    };

    it('is free again for another request', async () => {
      const key = randomUUID();
      await post('/collections', { name: 'Yesterday' }, key);
      await pass();
      expect((await post('/collections', { name: 'Today' }, key)).status).toBe(201);
    });

    it.each([
      ['/collections', { name: 'Daily' }],
      ['/conversations', { title: 'Daily' }],
      ['/webhooks', { url: 'https://example.com/daily' }],
      ['/auth/api-keys', { name: 'daily', scopes: ['documents:read'] }],
      ['/admin/evaluations', QUESTIONS],
    ])(
      'makes something else at %s for the same request, and leaves what it made before',
      async (route, body) => {
        const key = randomUUID();
        const kept = async (id: string): Promise<object | undefined> =>
          ((await admin.get(`${route}?limit=200`)).body.items as { id: string }[]).find(
            (one) => one.id === id,
          );
        const first = await post(route, body, key, admin);
        await pass();
        const before = await kept(first.body.id);
        const second = await post(route, body, key, admin);
        expect([first.status, second.status]).toEqual([second.status, first.status]);
        expect(second.headers['idempotency-replayed']).toBeUndefined();
        expect(second.body.id).not.toBe(first.body.id);
        // An evaluation goes on meanwhile.
        const names = new Set([...Object.keys(body), 'id', 'prefix', 'previous_secret_until', 'created_at']);
        const pick = (from: object | undefined): object =>
          Object.fromEntries(Object.entries(from ?? {}).filter(([name]) => names.has(name)));
        expect(before).toBeDefined();
        expect(pick(await kept(first.body.id))).toEqual(pick(before));
        if (route === '/auth/api-keys')
          expect((await admin.get('/documents', { bearer: first.body.key })).status).toBe(200);
        // What is lost on the way from here on is found again.
        await loseAnswers();
        expect((await post(route, body, key, admin)).body.id).toBe(second.body.id);
      },
    );
  });

  it('derives the same ids for the same request until it has its answer or expires, and for no other', async () => {
    const store = app.app.get(IdempotencyStore, { strict: false });
    const { id: userId } = (await user.me()).body;
    const request = { userId, key: randomUUID(), fingerprint: createHash('sha256').update('a').digest() };
    const idsOf = async (fingerprint = request.fingerprint): Promise<string[]> => {
      const begun = await store.begin({ ...request, fingerprint });
      if (!('held' in begun)) throw new Error('it has an answer');
      const ids = [begun.held.nextId(), begun.held.nextId()];
      await begun.held.release();
      return ids;
    };
    const first = await idsOf();
    expect(new Set(first).size).toBe(2);
    // A failure may have come behind what was done.
    expect(await idsOf()).toEqual(first);
    await app.source.query(
      "update idempotency_keys set expires_at = clock_timestamp() - interval '1 second' where user_id = $1",
      [userId],
    );
    const later = await idsOf();
    expect(later.some((id) => first.includes(id))).toBe(false);
    expect(await idsOf()).toEqual(later);
    const other = await idsOf(createHash('sha256').update('b').digest());
    expect(other.some((id) => later.includes(id))).toBe(false);
  });

  it('goes on with the ids of a version that drew no seed', async () => {
    const key = randomUUID();
    await post('/collections', { name: 'Before the upgrade' }, key);
    await app.source.query('update idempotency_keys set seed = null where key_hash = $1', [
      createHash('sha256').update(key).digest(),
    ]);
    await loseAnswers();
    const first = await post('/collections', { name: 'Before the upgrade' }, key);
    await loseAnswers();
    const again = await post('/collections', { name: 'Before the upgrade' }, key);
    expect([again.status, again.body]).toEqual([201, first.body]);
  });
});

describe('an upload that is repeated when there is no room for it any more', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({
      QUOTA_DOCUMENTS: '3',
      QUOTA_BYTES: '40kb',
      MAX_UPLOAD_BYTES: '30kb',
      MAX_QUEUED_DOCUMENTS: '2',
    });
  });
  afterAll(() => app?.close());

  const send = async (user: Browser, content: string, key?: string) => {
    let request = app.http().post('/documents').set('Authorization', `Bearer ${user.token}`);
    if (key !== undefined) request = request.set('Idempotency-Key', key);
    const answer = await request.attach('file', Buffer.from(content), 'a.txt');
    return answer;
  };
  const accepted = async (user: Browser, content: string, key?: string): Promise<object> => {
    const answer = await send(user, content, key);
    expect(answer.status).toBe(202);
    await user.settled(answer.body.documents[0].id);
    return answer.body;
  };
  const refused = async (user: Browser, content: string, status: number): Promise<void> => {
    const before = storedFiles(app);
    // With a key it is looked at whole, and refused all the same.
    for (const key of [undefined, randomUUID()]) expect((await send(user, content, key)).status).toBe(status);
    expect(storedFiles(app)).toEqual(before);
  };

  it('is answered as before: the bytes are used up', async () => {
    const user = await Browser.signedUp(app);
    const key = randomUUID();
    const first = await accepted(user, 'x'.repeat(25 * 1024), key);
    await refused(user, 'y'.repeat(25 * 1024), 413);
    const again = await send(user, 'x'.repeat(25 * 1024), key);
    expect([again.status, again.body]).toEqual([202, first]);
    expect(again.headers['idempotency-replayed']).toBe('true');
  });

  it('is answered as before: the documents are', async () => {
    const user = await Browser.signedUp(app);
    for (const content of ['one', 'two']) await accepted(user, content);
    const key = randomUUID();
    const first = await accepted(user, 'three', key);
    await refused(user, 'four', 413);
    const again = await send(user, 'three', key);
    expect([again.status, again.body]).toEqual([202, first]);
  });

  it('is answered as before, and stored nowhere meanwhile: the disk is full', async () => {
    const DATA_DIR = newDataDir();
    const key = randomUUID();
    const withRoom = await startTestApp({ DATA_DIR });
    const user = await Browser.signedUp(withRoom);
    const put = (on: TestApp, by: Browser, content: string, as = key) =>
      on
        .http()
        .post('/documents')
        .set('Authorization', `Bearer ${by.token}`)
        .set('Idempotency-Key', as)
        .attach('file', Buffer.from(content), 'a.txt');
    const first = await put(withRoom, user, 'kept');
    expect(first.status).toBe(202);
    await untilQuiet(withRoom);
    await withRoom.close();
    const full = await startTestApp({ DATA_DIR, MIN_FREE_BYTES: '1000tb' });
    try {
      const again = await new Browser(full, user.account).signedIn();
      const before = storedFiles(full);
      const repeated = await put(full, again, 'kept');
      expect([repeated.status, repeated.body]).toEqual([202, first.body]);
      expect((await put(full, again, 'other words')).body.code).toBe('idempotency_key_reused');
      expect((await put(full, again, 'kept', randomUUID())).status).toBe(507);
      expect(storedFiles(full)).toEqual(before);
    } finally {
      await full.close();
      fs.rmSync(DATA_DIR, { recursive: true, force: true });
    }
  });

  it('is answered as before: the line is full', async () => {
    const user = await Browser.signedUp(app);
    const keys = [randomUUID(), randomUUID()];
    const first = await Promise.all(keys.map((key, i) => accepted(user, `file ${i}`, key)));
    await untilQuiet(app);
    // As if they were still being read; nobody takes them for forgotten.
    await app.source.query(
      `update documents set status = 'extracting', active_version_id = null, updated_at = now() + interval '1 day'
       where created_by = $1`,
      [(await user.me()).body.id],
    );
    await refused(user, 'another', 429);
    for (const [i, key] of keys.entries()) {
      const again = await send(user, `file ${i}`, key);
      expect([again.status, again.body]).toEqual([202, first[i]]);
    }
  });
});
