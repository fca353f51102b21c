import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import type { Response } from 'supertest';
import { AppError } from '../../src/common/errors/app-error.js';
import { newDataDir, startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { FakeGemini } from '../support/fake-gemini.js';

const DEADLINE_MS = 200_000;
const REASON = { 'X-Admin-Access': 'measuring before the new encoder' };
const TOPICS = ['lighthouse', 'orchard', 'violin', 'glacier', 'compass', 'harbour', 'pottery', 'falcon'];
const documents = TOPICS.map((topic, i) => ({
  doc_id: topic,
  title: `About the ${topic}`,
  text: `The ${topic} was described by the society in its volume number ${i}.`,
}));
const queries = TOPICS.map((topic) => ({ id: topic, text: `Who described the ${topic}?` }));
const judgements = TOPICS.map((topic) => ({ query_id: topic, doc_id: topic, relevance: 1 }));
/** Enough work to be met while it runs. */
const many = Array.from({ length: 1500 }, (_, i) => ({
  id: `m${i}`,
  text: `Who described the ${TOPICS[i % 8]}? (${i})`,
}));
const manyJudgements = many.map(({ id }, i) => ({ query_id: id, doc_id: TOPICS[i % 8], relevance: 1 }));

async function eventually<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
  for (const until = Date.now() + DEADLINE_MS; ; await sleep(100)) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > until) throw new Error(`${what}: not in ${DEADLINE_MS / 1000} s`);
  }
}

const start = (admin: Browser, body: object, headers: Record<string, string> = {}): Promise<Response> =>
  admin.post('/admin/evaluations', { body, headers });

const ended = (admin: Browser, id: string): Promise<Response['body']> =>
  eventually('the evaluation ends', async () => {
    const { body } = await admin.get(`/admin/evaluations/${id}`, { headers: REASON });
    return ['completed', 'failed', 'cancelled'].includes(body.status) ? body : undefined;
  });

const running = (admin: Browser, id: string): Promise<Response['body']> =>
  eventually('the evaluation runs', async () => {
    const { body } = await admin.get(`/admin/evaluations/${id}`);
    return body.progress.done > 5 ? body : undefined;
  });

async function filled(by: Browser, name: string): Promise<string> {
  const { body } = await by.post('/collections', { body: { name } });
  const added = await by.post('/rag/add_documents', { body: { documents, collection_id: body.id } });
  if (added.status !== 200 && added.status !== 201) throw new Error(added.text);
  return body.id;
}

async function completed(
  admin: Browser,
  body: object,
  headers: Record<string, string> = {},
): Promise<Response['body']> {
  const started = await start(admin, body, headers);
  if (started.status !== 202) throw new Error(`${started.status} ${started.text}`);
  return ended(admin, started.body.id);
}

describe('evaluations', () => {
  let app: TestApp;
  let admin: Browser;
  let second: Browser;
  let user: Browser;
  let collection: string;

  beforeAll(async () => {
    app = await startTestApp();
    admin = await new Browser(app, app.admin).signedIn();
    user = await Browser.signedUp(app);
    second = await Browser.signedUp(app);
    const { body } = await second.me();
    await admin.put(`/admin/users/${body.id}/roles`, { body: { roles: ['admin', 'user'] } });
    await app.source.query(
      `insert into user_roles (user_id, role_id) select $1, id from roles where name = 'admin' on conflict do nothing`,
      [body.id],
    );
    await second.signedIn();
    collection = await filled(admin, 'judged');
  });
  afterAll(() => app?.close());

  it('measures what an administrator may read, and keeps it', async () => {
    const started = await start(admin, {
      name: 'first',
      queries: [...queries, { id: 'nothing', text: 'Who sells tea on the moon?', answerable: false }],
      judgements: [...judgements, { query_id: 'falcon', doc_id: 'no such document', relevance: 2 }],
      collection_ids: [collection],
      answers: true,
    });
    expect(started.status).toBe(202);
    expect(started.body).toMatchObject({
      status: expect.stringMatching(/queued|running/),
      progress: { total: 9 },
      source: 'inline',
      mode: 'hybrid',
      admin_access: false,
    });
    const body = await ended(admin, started.body.id);
    expect(body).toMatchObject({
      name: 'first',
      status: 'completed',
      progress: { done: 9, total: 9 },
      unknown_judgements: 1,
      error: null,
      configuration: { encoder: null, fusion: 'convex', llm: null },
      metrics: {
        queries: 8,
        recall100: 15 / 16,
        mrr10: 1,
        degraded: ['encoder_unavailable'],
        answers: { answerable: 8, unanswerable: 1, abstained: 1 },
      },
    });
    // Seven perfect ones, and one whose better document is missing: (1) / (2 + 1/log2(3)).
    expect(body.metrics.ndcg10).toBeCloseTo((7 + 1 / (2 + 1 / Math.log2(3))) / 8, 10);
    expect(body.metrics.answers.verified).toBe(body.metrics.answers.citations);
    expect(body.metrics.answers.answered).toBeGreaterThan(4);

    const first = await admin.get(`/admin/evaluations/${body.id}/results?limit=5`);
    const rest = await admin.get(
      `/admin/evaluations/${body.id}/results?limit=5&cursor=${first.body.next_cursor}`,
    );
    expect([first.body.items.length, rest.body.items.length, rest.body.next_cursor]).toEqual([5, 4, null]);
    expect(first.body.items[0]).toMatchObject({
      query_id: 'lighthouse',
      done: true,
      metrics: { ndcg10: 1, mrr10: 1 },
      judgements: [{ doc_id: 'lighthouse', relevance: 1 }],
    });
    expect(first.body.items[0].ranking[0]).toMatchObject({
      doc_id: 'lighthouse',
      title: 'About the lighthouse',
    });
    expect(rest.body.items[3]).toMatchObject({
      query_id: 'nothing',
      metrics: null,
      answer: { supported: false },
    });

    const { body: list } = await admin.get('/admin/evaluations');
    expect(list.items.map((item: { id: string }) => item.id)).toContain(body.id);
    // No answer of it is kept, and nobody was shown the passages.
    expect((await admin.get('/rag/answers')).body.items).toEqual([]);
    const shown = await admin.get('/admin/audit?action=passages.shown');
    expect(shown.body.items).toEqual([]);
    const audit = await admin.get('/admin/audit?action=evaluation.started');
    expect(audit.body.items[0]).toMatchObject({ target_id: body.id });

    expect((await admin.delete(`/admin/evaluations/${body.id}`)).status).toBe(204);
    expect((await admin.get(`/admin/evaluations/${body.id}`)).status).toBe(404);
    expect((await admin.get(`/admin/evaluations/${body.id}/results`)).status).toBe(404);
    expect(
      await app.source.query('select 1 from evaluation_queries where evaluation_id = $1', [body.id]),
    ).toEqual([]);
  });

  it('compares two by the questions that both were asked in the same way', async () => {
    const set = { queries, judgements, collection_ids: [collection] };
    const one = await completed(admin, set);
    const same = await completed(admin, set);
    const wrong = await completed(admin, {
      ...set,
      queries: [...queries, { id: 'more', text: 'What is described in volume number 3?' }],
      judgements: [
        ...judgements.filter((judgement) => judgement.query_id !== 'falcon'),
        { query_id: 'falcon', doc_id: 'violin', relevance: 1 },
        { query_id: 'more', doc_id: 'glacier', relevance: 1 },
      ],
    });
    const { body: equal } = await admin.get(`/admin/evaluations/${same.id}/comparison?baseline=${one.id}`);
    expect(equal).toMatchObject({
      queries: 8,
      unpaired: 0,
      metrics: { ndcg10: { baseline: 1, evaluation: 1, difference: 0, better: 0, worse: 0, p: 1 } },
      changes: [],
    });
    const { body: other } = await admin.get(`/admin/evaluations/${wrong.id}/comparison?baseline=${one.id}`);
    expect(other).toMatchObject({ queries: 7, unpaired: 3, metrics: { recall10: { difference: 0 } } });

    // Another state of the documents: one is gone.
    await admin.delete(`/documents?collection_id=${collection}&doc_id=orchard`);
    const after = await completed(admin, set);
    const { body: worse } = await admin.get(`/admin/evaluations/${after.id}/comparison?baseline=${one.id}`);
    expect(worse.metrics.ndcg10).toMatchObject({ better: 0, worse: 1, evaluation: 7 / 8 });
    expect(worse.changes).toMatchObject([
      { query_id: 'orchard', baseline: { ndcg10: 1 }, evaluation: { ndcg10: 0 } },
    ]);
    expect(after.unknown_judgements).toBe(1);
    await admin.post('/rag/add_documents', {
      body: { documents: [documents[1]], collection_id: collection },
    });

    const status = async (path: string): Promise<unknown[]> => {
      const response = await admin.get(path);
      return [response.status, response.body.code];
    };
    const path = `/admin/evaluations/${one.id}/comparison`;
    expect(await status(path)).toEqual([400, 'validation_failed']);
    expect(await status(`${path}?baseline=x`)).toEqual([400, 'validation_failed']);
    expect(await status(`${path}?baseline=${randomUUID()}`)).toEqual([404, 'not_found']);
    const apart = await completed(admin, { ...set, queries: [queries[0]], judgements: [judgements[0]] });
    const elsewhere = await completed(admin, { ...set, queries: [queries[1]], judgements: [judgements[1]] });
    expect(await status(`/admin/evaluations/${apart.id}/comparison?baseline=${elsewhere.id}`)).toEqual([
      422,
      'unprocessable',
    ]);
  });

  it('stays within what its administrator may read, unless a reason is stated and recorded', async () => {
    const theirs = await filled(user, 'private');
    const set = { queries, judgements };
    const refused = await start(admin, { ...set, collection_ids: [theirs] });
    expect([refused.status, refused.body.code]).toEqual([404, 'not_found']);
    const nowhere = await completed(second, set);
    expect(nowhere).toMatchObject({ unknown_judgements: 8, metrics: { ndcg10: 0, queries: 8 } });

    const passed = await completed(admin, { ...set, collection_ids: [theirs] }, REASON);
    expect(passed).toMatchObject({ admin_access: true, metrics: { ndcg10: 1 } });
    const audit = await admin.get('/admin/audit?action=admin.access');
    expect(JSON.stringify(audit.body.items)).toContain(REASON['X-Admin-Access']);
    // Names of documents are shown as far as they may be read now.
    const hidden = await admin.get(`/admin/evaluations/${passed.id}/results`);
    expect(hidden.body.items[0].ranking.every((each: unknown) => each === null)).toBe(true);
    const open = await admin.get(`/admin/evaluations/${passed.id}/results`, { headers: REASON });
    expect(open.body.items[0].ranking[0].doc_id).toBe('lighthouse');
    // To go on with it wants a reason again.
    await app.source.query(`update evaluations set status = 'failed' where id = $1`, [passed.id]);
    const again = await admin.post(`/admin/evaluations/${passed.id}/retry`);
    expect([again.status, again.body.code]).toEqual([403, 'forbidden']);
    const job = await admin.post(`/admin/jobs/${passed.id}/retry`);
    expect(job.status).toBe(409);
    expect((await admin.post(`/admin/evaluations/${passed.id}/retry`, { headers: REASON })).status).toBe(202);
    await ended(admin, passed.id);

    // What another administrator measured is not one's own business either.
    for (const path of ['', '/results', `/comparison?baseline=${nowhere.id}`])
      expect([path, (await second.get(`/admin/evaluations/${passed.id}${path}`)).status]).toEqual([
        path,
        404,
      ]);
    for (const path of ['cancel', 'retry'])
      expect((await second.post(`/admin/evaluations/${passed.id}/${path}`)).status).toBe(404);
    expect((await second.delete(`/admin/evaluations/${passed.id}`)).status).toBe(404);
    const ids = async (headers = {}): Promise<string[]> =>
      (await second.get('/admin/evaluations', { headers })).body.items.map((item: { id: string }) => item.id);
    expect(await ids()).toEqual([nowhere.id]);
    expect(await ids(REASON)).toContain(passed.id);
  });

  it('keeps keys that are limited to collections out', async () => {
    const { body } = await admin.post('/auth/api-keys', {
      body: { name: 'limited', scopes: ['admin:read'], collection_ids: [collection] },
    });
    // Questions from feedback are of any collection too, and so is what evaluations are made of.
    for (const path of ['/admin/evaluations', '/admin/feedback/query-set']) {
      const answer = await app.http().get(path).set('Authorization', `Bearer ${body.key}`);
      expect([path, answer.status, answer.body.code]).toEqual([path, 403, 'key_not_allowed']);
    }
  });

  it('takes questions and judgements from feedback', async () => {
    const none = await start(second, { feedback: { since: '2100-01-01T00:00:00Z' } });
    expect([none.status, none.body.code]).toEqual([422, 'unprocessable']);
    const personal = await admin.post('/rag/add_document', {
      body: { doc_id: 'teapot', text: 'The teapot was glazed by Mira Holm in the autumn of 1921.' },
    });
    const asked = await admin.post('/rag/ask', { body: { question: 'Who glazed the teapot?' } });
    const judged = await admin.post(`/rag/answers/${asked.body.id}/feedback`, { body: { helpful: true } });
    expect(judged.status).toBeLessThan(300);
    const body = await completed(admin, { feedback: {} });
    expect(body).toMatchObject({
      source: 'feedback',
      progress: { total: 1 },
      metrics: { queries: 1, ndcg10: 1 },
    });
    const results = await admin.get(`/admin/evaluations/${body.id}/results`);
    expect(results.body.items[0]).toMatchObject({
      text: 'Who glazed the teapot?',
      judgements: [{ document_id: personal.body.document_id, relevance: 1 }],
    });
    const exported = await admin.get('/admin/feedback/query-set');
    // What the export gives can be sent as it is.
    expect((await completed(admin, exported.body)).metrics.ndcg10).toBe(1);
    const audit = await admin.get('/admin/audit?action=feedback.exported');
    expect(audit.body.items.length).toBeGreaterThanOrEqual(2);
  });

  it('is stopped, and goes on where it stopped', async () => {
    const { body } = await start(admin, {
      queries: many,
      judgements: manyJudgements,
      collection_ids: [collection],
    });
    await running(admin, body.id);
    const cancelled = await admin.post(`/admin/evaluations/${body.id}/cancel`);
    expect([cancelled.status, cancelled.body.status]).toEqual([202, 'cancelled']);
    expect((await admin.post(`/admin/evaluations/${body.id}/cancel`)).body.code).toBe('conflict');
    // It comes to rest, and before its end: one that went on would come to rest there.
    const progress = async (): Promise<number> =>
      (await admin.get(`/admin/evaluations/${body.id}`)).body.progress.done;
    const rested = await eventually('it rests', async () => {
      const still = await progress();
      await sleep(2000);
      return (await progress()) === still ? still : undefined;
    });
    expect(rested).toBeLessThan(many.length);
    const page = await admin.get(`/admin/evaluations/${body.id}/results?limit=50`);
    expect(page.body.items[0].done).toBe(true);

    expect((await admin.post(`/admin/evaluations/${body.id}/retry`)).body.status).toMatch(/queued|running/);
    expect((await admin.post(`/admin/evaluations/${body.id}/retry`)).body.code).toBe('conflict');
    const compared = await admin.get(`/admin/evaluations/${body.id}/comparison?baseline=${body.id}`);
    expect(compared.body.code).toBe('conflict');
    const done = await ended(admin, body.id);
    expect(done).toMatchObject({
      status: 'completed',
      progress: { done: many.length },
      metrics: { queries: many.length },
    });
  });

  it('is stopped and started again in the list of jobs too', async () => {
    const { body } = await start(admin, {
      queries: many,
      judgements: manyJudgements,
      collection_ids: [collection],
    });
    const job = await admin.post(`/admin/jobs/${body.id}/cancel`);
    expect([job.status, job.body.state]).toEqual([202, 'cancelled']);
    expect((await admin.get(`/admin/evaluations/${body.id}`)).body.status).toBe('cancelled');
    expect((await admin.post(`/admin/jobs/${body.id}/retry`)).status).toBe(202);
    expect((await ended(admin, body.id)).status).toBe('completed');
  });

  it('ends when its administrator is none any more, and when it is deleted', async () => {
    const { body } = await start(second, { queries: many, judgements: manyJudgements });
    await running(second, body.id);
    await app.source.query(
      `delete from user_roles where user_id = $1 and role_id = (select id from roles where name = 'admin')`,
      [body.user_id],
    );
    const failed = await ended(admin, body.id);
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'forbidden' }, metrics: null });
    await app.source.query(
      `insert into user_roles (user_id, role_id) select $1, id from roles where name = 'admin'`,
      [body.user_id],
    );
    const other = await start(admin, {
      queries: many,
      judgements: manyJudgements,
      collection_ids: [collection],
    });
    await running(admin, other.body.id);
    expect((await admin.delete(`/admin/evaluations/${other.body.id}`)).status).toBe(204);
    await eventually('its job ends', async () => {
      const rows = await app.source.query<{ state: string }[]>(
        'select state::text from pgboss.job where id = $1',
        [other.body.id],
      );
      return rows[0]?.state === 'active' ? undefined : true;
    });
  });

  it('fails for good where a collection is gone or an encoder was asked for by name and is not there', async () => {
    const gone = await filled(admin, 'gone');
    const { body } = await start(admin, {
      queries: many,
      judgements: manyJudgements,
      collection_ids: [gone],
    });
    await running(admin, body.id);
    await admin.delete(`/collections/${gone}`);
    expect(await ended(admin, body.id)).toMatchObject({ status: 'failed', error: { code: 'not_found' } });
    const dense = await start(admin, { queries, judgements, mode: 'dense', collection_ids: [collection] });
    await eventually('the job waits for its next attempt', async () => {
      const rows = await app.source.query<{ state: string }[]>(
        'select state::text from pgboss.job where id = $1',
        [dense.body.id],
      );
      return rows[0]?.state === 'retry' ? true : undefined;
    });
    await admin.delete(`/admin/evaluations/${dense.body.id}`);
  });

  it('is tried again where the language model has no place for its user at the moment', async () => {
    const { QueryAsker } = await import('../../src/evaluation/query-asker.service.js');
    const busy = jest
      .spyOn(app.app.get(QueryAsker, { strict: false }), 'ask')
      .mockRejectedValueOnce(new AppError('too_many_requests', 'Too many are under way.'));
    const body = await completed(admin, { queries, judgements, collection_ids: [collection] });
    expect(body).toMatchObject({ status: 'completed', progress: { done: queries.length } });
    expect(busy).toHaveBeenCalledTimes(queries.length + 1);
    busy.mockRestore();
  });

  it('marks one whose job was lost', async () => {
    const { body } = await start(admin, { queries, judgements, collection_ids: [collection] });
    await ended(admin, body.id);
    await app.source.query(
      `update evaluations set status = 'running', created_at = now() - interval '1 hour',
         started_at = now() - interval '1 hour' where id = $1`,
      [body.id],
    );
    await app.source.query(
      `insert into pgboss.job (id, name, data, state) values ($1, 'evaluations.sweep', '{}', 'created')`,
      [randomUUID()],
    );
    expect(await ended(admin, body.id)).toMatchObject({
      status: 'failed',
      error: { code: 'evaluation_interrupted' },
    });
    expect((await admin.post(`/admin/evaluations/${body.id}/retry`)).status).toBe(202);
    expect((await ended(admin, body.id)).status).toBe('completed');
  });

  it.each([
    [{}, 'validation_failed'],
    [{ queries, judgements, feedback: {} }, 'validation_failed'],
    [{ queries: [], judgements }, 'validation_failed'],
    [{ queries, judgements: [] }, 'validation_failed'],
    [{ queries }, 'validation_failed'],
    [{ queries: 'all', judgements }, 'validation_failed'],
    [{ queries: { 0: queries[0] }, judgements }, 'validation_failed'],
    [{ queries: [null], judgements }, 'validation_failed'],
    [{ queries: [queries[0], queries[0]], judgements: [judgements[0]] }, 'validation_failed'],
    [{ queries, judgements: [{ query_id: 'unknown', doc_id: 'x', relevance: 1 }] }, 'validation_failed'],
    [{ queries, judgements, mode: 'magic' }, 'validation_failed'],
    [{ queries, judgements, collection_ids: [] }, 'validation_failed'],
    [{ queries, judgements, collection_ids: ['x'] }, 'validation_failed'],
    [{ queries, judgements, collection_ids: [randomUUID()] }, 'not_found'],
    [{ queries, judgements, name: ' ' }, 'validation_failed'],
    [{ queries, judgements, name: 'a\u0000' }, 'validation_failed'],
    [{ queries, judgements, answers: 'yes' }, 'validation_failed'],
    [{ queries, judgements, user_id: randomUUID() }, 'validation_failed'],
    [{ feedback: [] }, 'validation_failed'],
    [{ feedback: null }, 'validation_failed'],
    [{ feedback: { since: 'yesterday' } }, 'validation_failed'],
    [
      { queries: Array.from({ length: 5001 }, (_, i) => ({ id: `q${i}`, text: 'x' })), judgements },
      'validation_failed',
    ],
  ])('refuses %j', async (body, code) => {
    const response = await start(admin, body);
    expect([response.body.code, response.status]).toEqual([code, code === 'not_found' ? 404 : 400]);
  });

  it('is for administrators', async () => {
    expect((await start(user, { queries, judgements })).status).toBe(403);
    expect((await user.get('/admin/evaluations')).status).toBe(403);
  });

  it('creates nothing twice with an Idempotency-Key', async () => {
    const headers = { 'Idempotency-Key': randomUUID() };
    const body = { queries, judgements, collection_ids: [collection] };
    const one = await start(admin, body, headers);
    const two = await start(admin, body, headers);
    expect(two.body.id).toBe(one.body.id);
    await ended(admin, one.body.id);
  });
});

it('an evaluation survives the end of its process', async () => {
  const DATA_DIR = newDataDir();
  const ADMIN = { email: 'root@example.com', password: 'a lantern over the old harbour' };
  const env = { DATA_DIR, ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password };
  let app = await startTestApp(env);
  try {
    let admin = await new Browser(app, ADMIN).signedIn();
    await filled(admin, 'judged');
    const { body } = await start(admin, { queries: many, judgements: manyJudgements });
    const before = await running(admin, body.id);
    const askedAt = async (): Promise<unknown> =>
      app.source.query('select done_at from evaluation_queries where evaluation_id = $1 and ordinal = 0', [
        body.id,
      ]);
    const asked = await askedAt();
    await app.close();
    app = await startTestApp(env);
    admin = await new Browser(app, ADMIN).signedIn();
    const done = await ended(admin, body.id);
    expect(done).toMatchObject({
      status: 'completed',
      progress: { done: many.length },
      metrics: { queries: many.length },
    });
    expect(before.progress.done).toBeLessThan(many.length);
    // What was asked before was not asked again.
    expect(await askedAt()).toEqual(asked);
  } finally {
    await app.close();
  }
});

it('an evaluation of answers goes on where a language model refuses a question', async () => {
  const fake = await FakeGemini.start();
  const app = await startTestApp({
    GOOGLE_API_KEY: fake.key,
    GEMINI_MODEL: fake.model,
    GEMINI_BASE_URL: fake.url,
    LLM_FALLBACK: 'none',
  });
  try {
    const admin = await new Browser(app, app.admin).signedIn();
    await filled(admin, 'judged');
    fake.next(
      { blockReason: 'SAFETY' },
      { answer: 'The society did [1: "was described by the society"].' },
      { answer: 'NO_ANSWER' },
    );
    const asked = [
      queries[0],
      queries[1],
      { id: 'none', text: 'Who described the moon?', answerable: false },
    ];
    const body = await completed(admin, { queries: asked, answers: true });
    expect(body).toMatchObject({
      status: 'completed',
      configuration: { llm: fake.model },
      metrics: {
        queries: 0,
        degraded: ['encoder_unavailable', 'llm_failed'],
        answers: { answerable: 2, answered: 1, unanswerable: 1, abstained: 1, citations: 1, verified: 1 },
      },
    });
  } finally {
    await app.close();
    await fake.stop();
  }
});
