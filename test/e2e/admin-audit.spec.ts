import { randomUUID } from 'node:crypto';
import { AuditService } from '../../src/audit/audit.service.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

interface Item {
  id: string;
  at: string;
  action: string;
  target_id: string | null;
  details: Record<string, unknown>;
}

describe('GET /admin/audit', () => {
  let app: TestApp;
  let admin: Browser;
  let audit: AuditService;
  beforeAll(async () => {
    app = await startTestApp();
    admin = await new Browser(app, app.admin).signedIn();
    audit = app.app.get(AuditService, { strict: false });
  });
  afterAll(() => app?.close());

  const list = async (query: Record<string, string>): Promise<Item[]> => {
    const response = await admin.get(`/admin/audit?${new URLSearchParams(query).toString()}`);
    expect([response.status, response.body.detail]).toEqual([200, undefined]);
    return response.body.items;
  };

  test('shows who signed in, at once', async () => {
    const ada = await Browser.signedUp(app);
    const { id, session_id } = (await ada.me()).body;
    const items = await list({ actor_id: id });
    expect(items.map((item) => item.action)).toEqual(['session.opened', 'user.registered']);
    expect(items[0]).toMatchObject({ target_type: 'session', target_id: session_id, ip: '127.0.0.1' });
  });

  test('pages through all, each once, newest first', async () => {
    const target = randomUUID();
    for (let i = 0; i < 25; i++)
      audit.note({ action: 'test.paged', targetType: 'thing', targetId: target, details: { i } });
    const seen: number[] = [];
    let cursor: string | null = null;
    do {
      const query = new URLSearchParams({ target_id: target, limit: '7', ...(cursor ? { cursor } : {}) });
      const { body } = await admin.get(`/admin/audit?${query.toString()}`);
      seen.push(...body.items.map((item: Item) => Number(item.details['i'])));
      cursor = body.next_cursor;
    } while (cursor);
    expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => 24 - i));
  });

  test('filters by everything it shows', async () => {
    const ada = await Browser.signedUp(app);
    const { id } = (await ada.me()).body;
    const [opened] = await list({ actor_id: id, action: 'session.opened' });
    expect(opened).toBeDefined();
    const at = new Date(opened!.at).getTime();
    const iso = (ms: number): string => new Date(ms).toISOString();
    expect(await list({ actor_id: id, action: 'session.' })).toEqual([opened]);
    expect(await list({ actor_id: id, action: 'session' })).toEqual([]);
    expect(await list({ actor_id: id, since: iso(at), until: iso(at + 1) })).toContainEqual(opened);
    expect(await list({ actor_id: id, until: iso(at), action: 'session.opened' })).toEqual([]);
    expect(await list({ target_id: opened!.target_id!, target_type: 'session' })).toEqual([opened]);
    expect(await list({ target_id: opened!.target_id!, ip: '192.0.2.1' })).toEqual([]);
    expect(await list({ actor_id: randomUUID() })).toEqual([]);
  });

  test('exports all that match as lines, also more than one batch, and records it', async () => {
    const target = randomUUID();
    for (let i = 0; i < 1203; i++)
      audit.note({ action: 'test.exported', targetId: target, details: { text: `line\n${i}` } });
    const response = await admin.get(`/admin/audit/export?target_id=${target}`);
    expect(response.status).toBe(200);
    expect(response.headers['content-type']).toMatch(/^application\/x-ndjson/);
    const lines = response.text === undefined ? (response.body as Buffer).toString() : response.text;
    const items = lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Item);
    expect(new Set(items.map((item) => item.id)).size).toBe(1203);
    const { id } = (await admin.me()).body;
    const [recorded] = await list({ actor_id: id, action: 'audit.exported' });
    expect(recorded?.details).toEqual({ filter: { targetId: target } });
  });

  test('says what an export is to HEAD, which takes nothing away', async () => {
    const { id } = (await admin.me()).body;
    const before = await list({ actor_id: id, action: 'audit.exported' });
    const response = await app
      .http()
      .head('/admin/audit/export')
      .set('Authorization', `Bearer ${admin.token}`);
    expect(response.status).toBe(200);
    expect(response.headers['content-type']).toMatch(/^application\/x-ndjson/);
    expect(response.headers['content-disposition']).toContain('audit.ndjson');
    expect(await list({ actor_id: id, action: 'audit.exported' })).toEqual(before);
  });

  test('an export of nothing is an empty file', async () => {
    const response = await admin.get(`/admin/audit/export?actor_id=${randomUUID()}`);
    expect([response.status, response.text ?? (response.body as Buffer).toString()]).toEqual([200, '']);
  });

  test.each([
    'actor_id=me',
    'since=yesterday',
    'since=2026-13-45T00:00:00Z',
    'action=a%25',
    'cursor=xyz',
    'limit=0',
    'unknown=1',
    'since=2026-01-01T00:00:00Z&since=2026-01-02T00:00:00Z',
  ])('refuses %s', async (query) => {
    for (const path of ['/admin/audit', '/admin/audit/export'])
      expect((await admin.get(`${path}?${query}`)).status).toBe(400);
  });

  test.each(['limit=5', 'cursor=x'])('has no pages in an export, and refuses %s', async (query) => {
    const { status, body } = await admin.get(`/admin/audit/export?${query}`);
    expect([status, body.code]).toEqual([400, 'validation_failed']);
  });

  test('is for administrators only', async () => {
    const ada = await Browser.signedUp(app);
    for (const path of ['/admin/audit', '/admin/audit/export']) {
      expect((await ada.get(path)).status).toBe(403);
      expect((await ada.get(path, { anonymous: true })).status).toBe(401);
    }
  });
});
