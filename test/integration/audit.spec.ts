import { randomUUID } from 'node:crypto';
import { AuditLog } from '../../src/admin/audit-log.service.js';
import { AuditService } from '../../src/audit/audit.service.js';
import { AuditTally } from '../../src/audit/audit-tally.service.js';
import type { AuditRow } from '../../src/audit/audit.types.js';
import { Transactions } from '../../src/database/transactions.js';
import { newDataDir, startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { clearOfMidnight } from '../support/clock.js';

describe('the audit log', () => {
  let app: TestApp;
  let audit: AuditService;
  beforeAll(async () => {
    // A new month would be a new partition.
    await clearOfMidnight();
    app = await startTestApp();
    audit = app.app.get(AuditService, { strict: false });
    // Minutes end where a test says so.
    app.app.get(AuditTally, { strict: false }).beforeApplicationShutdown();
  });
  afterAll(() => app?.close());

  const of = (actorId: string): Promise<AuditRow[]> => audit.page({ actorId }, undefined, 1000);

  test.each([
    ['update', `update audit_events set action = 'x'`],
    ['update that finds nothing', `update audit_events set action = 'x' where false`],
    ['delete', 'delete from audit_events'],
    ['truncate', 'truncate audit_events'],
    ['truncate in a cascade', 'truncate audit_events cascade'],
    [
      'upsert',
      `insert into audit_events select * from audit_events limit 1 on conflict (at, id) do update set action = 'x'`,
    ],
    ['merge', 'merge into audit_events a using audit_events b on a.id = b.id when matched then delete'],
  ])('refuses an %s', async (_, sql) => {
    await audit.record(undefined, { action: 'test.kept', targetId: 'refusal' });
    const rows = (): Promise<AuditRow[]> => app.source.query('select * from audit_events order by at, id');
    const before = await rows();
    await expect(app.source.query(sql)).rejects.toThrow('audit_events is append-only');
    // Something else may have been recorded meanwhile.
    const known = new Set(before.map(({ id }) => id));
    expect((await rows()).filter(({ id }) => known.has(id))).toEqual(before);
  });

  test('refuses the same on each of its partitions', async () => {
    await app.source.query(
      `insert into audit_events (id, at, action) values ($1, '1999-05-05', 'test.old'), ($2, now(), 'test.new')`,
      [randomUUID(), randomUUID()],
    );
    const partitions: { name: string }[] = await app.source.query(
      `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'audit_events'::regclass`,
    );
    expect(partitions.length).toBeGreaterThanOrEqual(4);
    let held = 0;
    for (const { name } of partitions) {
      await expect(app.source.query(`truncate ${name}`)).rejects.toThrow('append-only');
      const [row] = await app.source.query(`select count(*)::int as n from ${name}`);
      if (row.n === 0) continue;
      held++;
      await expect(app.source.query(`delete from ${name}`)).rejects.toThrow('append-only');
      await expect(app.source.query(`update ${name} set action = 'x'`)).rejects.toThrow('append-only');
    }
    expect(held).toBe(2);
  });

  test('drops months that are old enough as a whole, and nothing younger', async () => {
    const log = app.app.get(AuditLog, { strict: false });
    const month = (back: number): Date => {
      const now = new Date();
      return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 15));
    };
    for (const back of [20, 15, 11, 1]) {
      await app.source.query('select audit_make_month($1::date)', [month(back)]);
      await app.source.query(`insert into audit_events (id, at, action) values ($1, $2, 'test.month')`, [
        randomUUID(),
        month(back),
      ]);
    }
    await expect(app.source.query('select audit_drop_months(now())')).rejects.toThrow('last 30 days');
    await log.keepMonths();
    const left = (await audit.page({ action: 'test.month' }, undefined, 10)).map((row) => row.at);
    expect(left).toEqual([month(1), month(11)]);
    // The old row without a month of its own went, too, since nothing young was beside it.
    expect(await audit.page({ action: 'test.old' }, undefined, 10)).toEqual([]);
    const [dropped] = await audit.page({ action: 'audit.months_dropped' }, undefined, 10);
    expect(dropped?.details['months']).toHaveLength(3);
    // Whatever came back is as well protected as before.
    await expect(app.source.query('truncate audit_events_other')).rejects.toThrow('append-only');
    await log.keepMonths();
    expect(await audit.page({ action: 'audit.months_dropped' }, undefined, 10)).toHaveLength(1);
  });

  test('takes a row of any time, also where no month was made', async () => {
    const id = randomUUID();
    await app.source.query(
      `insert into audit_events (id, at, action) values ($1, '2190-01-01', 'test.far')`,
      [id],
    );
    await app.source.query(`select audit_make_month('2190-01-05')`);
    const [row] = await audit.page({ action: 'test.far' }, undefined, 1);
    expect(row?.id).toBe(id);
  });

  test('belongs to the transaction of the change', async () => {
    const transactions = app.app.get(Transactions, { strict: false });
    const actorId = randomUUID();
    await expect(
      transactions.run(async (transaction) => {
        await audit.record(transaction, { action: 'test.undone', actorId });
        throw new Error('the change failed');
      }),
    ).rejects.toThrow('the change failed');
    expect(await of(actorId)).toEqual([]);
  });

  test('keeps a change from happening that it cannot record', async () => {
    const browser = new Browser(app);
    await app.source.query(
      `alter table audit_events add constraint audit_full check (action <> 'user.registered') not valid`,
    );
    try {
      expect((await browser.register()).status).toBe(500);
      expect(await app.source.query('select 1 from users where email = $1', [browser.account.email])).toEqual(
        [],
      );
    } finally {
      await app.source.query('alter table audit_events drop constraint audit_full');
    }
    expect((await browser.register()).status).toBe(201);
  });

  test('counts what repeats within a minute: one row at once, one for all others', async () => {
    const tally = app.app.get(AuditTally, { strict: false });
    tally.close();
    const actorId = randomUUID();
    for (let i = 0; i < 500; i++) audit.count({ action: 'test.flood', actorId, details: { i } }, 'reason');
    audit.count({ action: 'test.flood', actorId }, 'another reason');
    expect(await of(actorId)).toHaveLength(2);
    tally.close();
    tally.close();
    const rows = await of(actorId);
    expect(rows).toHaveLength(3);
    expect(rows.map((row) => row.details['count']).filter(Boolean)).toEqual([499]);
  });

  test('grows by a bounded number of rows whatever number of addresses attacks', async () => {
    const tally = app.app.get(AuditTally, { strict: false });
    tally.close();
    for (let i = 0; i < 20_000; i++)
      audit.count({ action: 'test.botnet', ip: `10.0.${i >> 8}.${i & 255}` }, 'r');
    tally.close();
    const rows = await audit.page({ action: 'test.botnet' }, undefined, 10_000);
    expect(rows.length).toBeLessThan(300);
    const all = rows.reduce((sum, row) => sum + Number(row.details['count'] ?? 1), 0);
    expect(all).toBe(20_000);
  });

  test('grows by a bounded number of rows whatever number of accounts is attacked', async () => {
    const tally = app.app.get(AuditTally, { strict: false });
    tally.close();
    for (let i = 0; i < 20_000; i++)
      audit.count(
        { action: 'test.spray', targetType: 'user', targetId: randomUUID(), ip: '10.9.9.9' },
        'wrong',
      );
    tally.close();
    const rows = await audit.page({ action: 'test.spray' }, undefined, 10_000);
    expect(rows.length).toBeLessThan(300);
    const all = rows.reduce((sum, row) => sum + Number(row.details['count'] ?? 1), 0);
    expect(all).toBe(20_000);
  });

  test('counts refusals by who was refused and why, without the address that was asked for', async () => {
    const mallory = await Browser.signedUp(app);
    const { id } = (await mallory.me()).body;
    for (let i = 0; i < 5; i++) expect((await mallory.get('/admin/dashboard?leak=me')).status).toBe(403);
    const rows = await of(id);
    const refused = rows.filter((row) => row.action === 'access.refused');
    expect(refused).toHaveLength(1);
    expect(refused[0]?.details).toEqual({ reason: 'forbidden', method: 'GET', route: '/admin/dashboard' });
    expect(refused[0]?.ip).toBe('127.0.0.1');
  });

  test('says which passages an answer showed to whom, and loses none at shutdown', async () => {
    const dir = newDataDir();
    const first = await startTestApp({ DATA_DIR: dir });
    let shown: string[];
    let userId: string;
    try {
      const ada = await Browser.signedUp(first);
      userId = (await ada.me()).body.id;
      const document = { doc_id: 'moon', text: 'The moon is made of basalt.', wait_ms: 0 };
      expect((await ada.post('/rag/add_document', { body: document })).status).toBe(200);
      const found = await ada.post('/rag/ask', { body: { question: 'What is the moon made of?' } });
      shown = found.body.sources.map((source: { chunk_id: string }) => source.chunk_id);
      expect(shown).toHaveLength(1);
    } finally {
      await first.close();
    }
    const again = await startTestApp({ DATA_DIR: dir });
    try {
      const rows = await again.app
        .get(AuditService, { strict: false })
        .page({ actorId: userId, action: 'passages.shown' }, undefined, 10);
      expect(rows.map((row) => row.details['chunks'])).toEqual([shown]);
    } finally {
      await again.close();
    }
  });
});
