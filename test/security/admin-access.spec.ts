import { randomUUID } from 'node:crypto';
import { AuditService } from '../../src/audit/audit.service.js';
import type { AuditRow } from '../../src/audit/audit.types.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

describe('X-Admin-Access', () => {
  let app: TestApp;
  let admin: Browser;
  let ada: Browser;
  let collection: string;
  let document: string;
  beforeAll(async () => {
    app = await startTestApp();
    admin = await new Browser(app, app.admin).signedIn();
    ada = await Browser.signedUp(app);
    collection = (await ada.post('/collections', { body: { name: 'private' } })).body.id;
    const body = {
      doc_id: 'secret',
      text: 'The vault opens at noon.',
      wait_ms: 0,
      collection_id: collection,
    };
    document = (await ada.post('/rag/add_document', { body })).body.document_id;
  });
  afterAll(() => app?.close());

  const reason = { 'x-admin-access': 'ticket 4711' };
  const rows = (): Promise<AuditRow[]> =>
    app.app.get(AuditService, { strict: false }).page({ action: 'admin.access' }, undefined, 1000);
  const query = async (headers: Record<string, string>): Promise<string[]> =>
    (
      await admin.post('/rag/rag_query', { body: { query: 'When does the vault open?' }, headers })
    ).body.results.map((result: { document_id: string }) => result.document_id);

  test('without it an administrator sees what grants give, like anyone', async () => {
    for (const path of [
      `/documents/${document}`,
      `/documents/${document}/text`,
      `/collections/${collection}`,
    ])
      expect((await admin.get(path)).status).toBe(404);
    expect((await admin.get('/documents')).body.items).toEqual([]);
    expect(await query({})).toEqual([]);
  });

  test('with it all, one row for each request, and nothing afterwards', async () => {
    const before = (await rows()).length;
    expect((await admin.get(`/documents/${document}/text`, { headers: reason })).text).toBe(
      'The vault opens at noon.',
    );
    expect((await admin.get('/documents', { headers: reason })).body.items).toHaveLength(1);
    expect(await query(reason)).toEqual([document]);
    const after = await rows();
    expect(after.length - before).toBe(3);
    const { id } = (await admin.me()).body;
    expect(after.find((row) => row.details['route'] === '/documents/:id/text')).toMatchObject({
      actor_id: id,
      ip: '127.0.0.1',
      details: { reason: 'ticket 4711', method: 'GET', params: { id: document } },
    });
    expect(await query({})).toEqual([]);
    expect((await admin.get(`/documents/${document}`)).status).toBe(404);
    expect((await rows()).length).toBe(after.length);
  });

  test('nobody else may use it, with or without rights of their own', async () => {
    const mallory = await Browser.signedUp(app);
    for (const by of [mallory, ada])
      expect((await by.get(`/documents/${document}`, { headers: reason })).body.code).toBe('forbidden');
    expect((await ada.get(`/documents/${document}`, { headers: reason, anonymous: true })).status).toBe(401);
  });

  test('an API key of an administrator cannot', async () => {
    const made = await admin.post('/auth/api-keys', {
      body: { name: 'x', scopes: ['documents:read', 'admin:read'] },
    });
    const headers = { ...reason, 'x-api-key': made.body.key };
    expect((await admin.get(`/documents/${document}`, { anonymous: true, headers })).body.code).toBe(
      'key_not_allowed',
    );
  });

  test.each(['', ' ', 'ab', 'x'.repeat(501)])('needs a reason, not %j', async (value) => {
    const headers = { 'x-admin-access': value };
    expect((await admin.get(`/documents/${document}`, { headers })).status).toBe(400);
  });

  test('does not happen when it cannot be recorded', async () => {
    await app.source.query(
      `alter table audit_events add constraint audit_full check (action <> 'admin.access') not valid`,
    );
    try {
      const response = await admin.get(`/documents/${document}/text`, { headers: reason });
      expect(response.status).toBe(500);
      expect(response.text).not.toContain('vault');
    } finally {
      await app.source.query('alter table audit_events drop constraint audit_full');
    }
  });

  test('opens nothing that does not exist', async () => {
    expect((await admin.get(`/documents/${randomUUID()}`, { headers: reason })).status).toBe(404);
  });
});
