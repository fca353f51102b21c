import { setTimeout as sleep } from 'node:timers/promises';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

const DEADLINE_MS = 180_000;
const note = (content: string) => ({ name: 'note.txt', data: Buffer.from(content), type: 'text/plain' });
const notes = (mark: string, count: number) =>
  Array.from({ length: count }, (_, i) => note(`${mark} number ${i}`));

describe('reading files in the background', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app?.close());

  const query = <T>(sql: string, values: unknown[] = []): Promise<T[]> => app.source.query<T[]>(sql, values);
  const waiting = async (browser: Browser): Promise<number> =>
    (
      await query<{ n: number }>(
        'select waiting::int as n from user_usage u join users on users.id = u.user_id where email = $1',
        [browser.account.email],
      )
    )[0]?.n ?? 0;
  const eventually = async (what: string, probe: () => Promise<boolean>): Promise<void> => {
    for (const until = Date.now() + DEADLINE_MS; !(await probe()); await sleep(100))
      if (Date.now() > until) throw new Error(`${what}: not in ${DEADLINE_MS / 1000} s`);
  };
  const jobOf = async (documentId: string): Promise<{ id: string; state: string } | undefined> =>
    (
      await query<{ id: string; state: string }>(
        `select j.id, j.state::text from pgboss.job j join documents d on d.latest_version_id = j.id where d.id = $1`,
        [documentId],
      )
    )[0];

  it('serves users in turn: many files of one do not hold up the one of another', async () => {
    const many = await Browser.signedUp(app);
    const one = await Browser.signedUp(app);
    for (const mark of ['a', 'b', 'c']) expect((await many.upload(notes(mark, 100))).status).toBe(202);
    const accepted = await one.upload([note('the only one')]);
    const { id } = accepted.body.documents[0];
    expect((await one.settled(id)).status).toBe('ready');
    // At most the few that were being worked on came first. By the database's time: how soon it is noticed says nothing.
    const [came] = await query<{ meanwhile: number; before: number }>(
      `select (count(*) filter (where v.published_at > own.created_at))::int as meanwhile, count(*)::int as before
       from document_versions own, documents d
       join document_versions v on v.id = d.active_version_id join users u on u.id = d.created_by
       where own.document_id = $1 and u.email = $2 and v.published_at <= own.published_at`,
      [id, many.account.email],
    );
    expect(came!.meanwhile).toBeLessThan(20);
    expect(came!.before).toBeLessThan(200);
    const { body } = await many.get('/documents?status=queued&limit=200');
    const last = body.items.at(-1).id as string;

    const cancelled = await many.post(`/documents/${last}/cancel`);
    expect([cancelled.status, cancelled.body.status, cancelled.body.error.code]).toEqual([
      202,
      'failed',
      'document_cancelled',
    ]);
    expect((await jobOf(last))?.state).toBe('cancelled');
    expect((await one.post(`/documents/${last}/cancel`)).status).toBe(404);
    expect((await many.post(`/documents/${last}/cancel`)).body.code).toBe('conflict');
    await eventually('all files are read', async () => (await waiting(many)) === 0);
    expect((await many.get(`/documents/${last}`)).body.status).toBe('failed');
    const states = await query<{ status: string; n: number }>(
      `select status, count(*)::int as n from documents d join users u on u.id = d.created_by where u.email = $1 group by 1 order by 1`,
      [many.account.email],
    );
    expect(states).toEqual([
      { status: 'failed', n: 1 },
      { status: 'ready', n: 299 },
    ]);
    expect((await many.post(`/documents/${last}/retry`)).status).toBe(202);
    expect((await many.settled(last)).status).toBe('ready');
  });

  it('keeps the reason with a job that failed for good', async () => {
    const user = await Browser.signedUp(app);
    const { body } = await user.upload([{ name: 'a.pdf', data: Buffer.from('%PDF-1.7\nbroken') }]);
    const { id } = await user.settled(body.documents[0].id);
    await eventually('the job is marked', async () => (await jobOf(id))?.state === 'failed');
    const [job] = await query<{ output: { message: string } }>(
      'select output from pgboss.job where id = $1',
      [(await jobOf(id))?.id],
    );
    expect(JSON.stringify(job?.output)).toContain('document_corrupt');
  });

  it('takes over within a minute what a lost worker held', async () => {
    const user = await Browser.signedUp(app);
    const { body } = await user.upload([{ name: 'a.pdf', data: Buffer.from('%PDF-1.7\nlost worker') }]);
    const { id } = await user.settled(body.documents[0].id);
    await eventually('the job is marked', async () => (await jobOf(id))?.state === 'failed');
    await query("update documents set status = 'extracting', error_code = null where id = $1", [id]);
    const { id: job } = (await jobOf(id))!;
    const [{ lost_at: lostAt } = { lost_at: '' }] = await query<{ lost_at: string }>(
      'select clock_timestamp()::text as lost_at',
    );
    await query(
      `update pgboss.job set state = 'active', started_on = now(), heartbeat_on = now(), completed_on = null
       where id = $1`,
      [job],
    );
    expect((await user.settled(id, DEADLINE_MS)).error.code).toBe('document_corrupt');
    const [taken] = await query<{ seconds: number }>(
      'select extract(epoch from started_on - $2::timestamptz)::float8 as seconds from pgboss.job where id = $1',
      [job, lostAt],
    );
    expect(taken!.seconds).toBeLessThan(60);
  });

  it('gives a new job to what has none', async () => {
    const user = await Browser.signedUp(app);
    const { body } = await user.upload([note('jobless')]);
    const { id } = await user.settled(body.documents[0].id);
    // As a database that was restored: the file is there, nothing of its reading is.
    await query(
      `update documents set status = 'extracting', active_version_id = null, updated_at = now() - interval '5 minutes' where id = $1`,
      [id],
    );
    await query(
      'update document_versions set published_at = null where id = (select latest_version_id from documents where id = $1)',
      [id],
    );
    await query('delete from pgboss.job where id = (select latest_version_id from documents where id = $1)', [
      id,
    ]);
    expect((await user.settled(id, DEADLINE_MS)).status).toBe('ready');
  });

  it('gives up on a file that ends its process again and again', async () => {
    const user = await Browser.signedUp(app);
    const { body } = await user.upload([{ name: 'a.pdf', data: Buffer.from('%PDF-1.7\npoison') }]);
    const { id } = await user.settled(body.documents[0].id);
    await user.post(`/documents/${id}/retry`);
    await user.settled(id);
    const version = 'select latest_version_id from documents where id = $1';
    await query(`update document_versions set read_unfinished = 25 where id = (${version})`, [id]);
    await query("update documents set status = 'queued' where id = $1", [id]);
    await query(`update pgboss.job set state = 'retry', start_after = now() where id = (${version})`, [id]);
    expect((await user.settled(id)).error.code).toBe('document_failed');
  });
});

describe('the line for the encoder', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app?.close());

  it('lets a newcomer begin level with whoever is served', async () => {
    const many = await Browser.signedUp(app);
    const one = await Browser.signedUp(app);
    const documents = Array.from({ length: 50 }, (_, i) => ({ doc_id: `d${i}`, text: `text ${i}` }));
    await many.post('/rag/add_documents', { body: { documents } });
    await one.post('/rag/add_document', { body: { doc_id: 'single', text: 'alone', wait_ms: 0 } });
    await many.post('/rag/add_document', { body: { doc_id: 'later', text: 'more', wait_ms: 0 } });
    const order = await app.source.query<{ external_id: string }[]>(
      `select d.external_id from embedding_backlog b join documents d on d.active_version_id = b.version_id
       order by b.turn, b.enqueued_at, b.version_id`,
    );
    const place = (id: string): number => order.findIndex((row) => row.external_id === id);
    expect(order).toHaveLength(52);
    expect(place('single')).toBe(1);
    expect(place('later')).toBe(51);
  });
});
