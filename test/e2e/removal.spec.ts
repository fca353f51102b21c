import { jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Transactions } from '../../src/database/transactions.js';
import { DocumentRemovalService } from '../../src/documents/removal/document-removal.service.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

const DEADLINE_MS = 150_000;

describe('removing', () => {
  let app: TestApp;
  let admin: Browser;

  beforeAll(async () => {
    app = await startTestApp();
    admin = await new Browser(app, app.admin).signedIn();
  });
  afterAll(() => app?.close());

  const files = (): string[] =>
    fs
      .readdirSync(path.join(app.settings.dataDir, 'files'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => entry.name);
  const rows = async (table: string, where: string, values: unknown[]): Promise<number> =>
    (
      await app.source.query<{ n: number }[]>(
        `select count(*)::int as n from ${table} where ${where}`,
        values,
      )
    )[0]?.n ?? 0;
  const eventually = async (what: string, probe: () => Promise<boolean>): Promise<void> => {
    for (const until = Date.now() + DEADLINE_MS; !(await probe()); await sleep(100))
      if (Date.now() > until) throw new Error(`${what}: not in ${DEADLINE_MS / 1000} s`);
  };
  const found = async (browser: Browser, query: string): Promise<number> =>
    (await browser.post('/rag/rag_query', { body: { query } })).body.results.length;

  /** A collection with a file and many texts. */
  const filled = async (owner: Browser, word: string): Promise<string> => {
    const { body } = await owner.post('/collections', { body: { name: word } });
    const documents = Array.from({ length: 230 }, (_, i) => ({
      doc_id: `${word}${i}`,
      text: `${word} number ${i}`,
    }));
    await owner.post('/rag/add_documents', { body: { documents, collection_id: body.id } });
    const file = { name: `${word}.txt`, data: Buffer.from(`${word} in a file`) };
    const accepted = await owner.upload([file], { collection_id: body.id });
    await owner.settled(accepted.body.documents[0].id);
    return body.id;
  };

  it('hides a collection at once, takes it apart, and can be followed', async () => {
    const owner = await Browser.signedUp(app);
    const reader = await Browser.signedUp(app);
    await reader.upload([{ name: 'kept.txt', data: Buffer.from('kept by somebody else') }]);
    const before = files();
    const id = await filled(owner, 'larkspur');
    await owner.put(`/collections/${id}/grants`, {
      body: { subject: `email:${reader.account.email}`, access: 'read' },
    });
    expect(await found(reader, 'larkspur')).toBeGreaterThan(0);

    const removed = await owner.delete(`/collections/${id}`);
    expect([removed.status, removed.body.status]).toEqual([202, 'deleting']);
    for (const browser of [owner, reader]) {
      expect(await found(browser, 'larkspur')).toBe(0);
      expect((await browser.get(`/collections/${id}`)).status).toBe(404);
      expect((await browser.get(`/documents?collection_id=${id}`)).status).toBe(404);
    }
    expect((await owner.delete(`/collections/${id}`)).status).toBe(404);

    const follow = `/removals/${removed.body.removal_id}`;
    expect((await owner.get(follow)).body).toMatchObject({
      kind: 'collection',
      subject_id: id,
      documents: 231,
    });
    expect((await reader.get(follow)).status).toBe(404);
    await eventually('it is done', async () => (await owner.get(follow)).body.status === 'done');
    // An administrator sees what is others' only with a reason, which is recorded.
    expect((await admin.get(follow)).status).toBe(404);
    const headers = { 'x-admin-access': 'ticket 4711' };
    expect((await admin.get(follow, { headers })).body).toMatchObject({ remaining: 0, status: 'done' });
    const { body: access } = await admin.get('/admin/audit?action=admin.access');
    expect(access.items[0].details).toMatchObject({ route: '/removals/:id', reason: 'ticket 4711' });
    expect(await rows('documents', 'collection_id = $1', [id])).toBe(0);
    expect(await rows('collections', 'id = $1', [id])).toBe(0);
    expect(
      await rows('chunks', 'not exists (select 1 from document_versions v where v.id = version_id)', []),
    ).toBe(0);
    expect(files().toSorted()).toEqual(before.toSorted());
    const { body } = await admin.get(`/admin/audit?target_id=${id}`);
    expect(body.items.map((item: { action: string }) => item.action)).toEqual(
      expect.arrayContaining(['collection.deleted', 'collection.removed']),
    );
  });

  it('refuses what is written into a collection while it goes', async () => {
    const owner = await Browser.signedUp(app);
    const { body } = await owner.post('/collections', { body: { name: 'closing' } });
    const writes = Array.from({ length: 12 }, (_, i) =>
      owner.post('/rag/add_document', {
        body: { doc_id: `w${i}`, text: `write ${i}`, collection_id: body.id, wait_ms: 0 },
      }),
    );
    const removed = await owner.delete(`/collections/${body.id}`);
    expect(removed.status).toBe(202);
    for (const { status } of await Promise.all(writes)) expect([200, 404]).toContain(status);
    await eventually('it is done', async () => {
      return (await owner.get(`/removals/${removed.body.removal_id}`)).body.status === 'done';
    });
    expect(await rows('documents', 'collection_id = $1', [body.id])).toBe(0);
  });

  it('takes a user with everything that is theirs, and nothing of others', async () => {
    const leaving = await Browser.signedUp(app);
    const staying = await Browser.signedUp(app);
    const id = await filled(leaving, 'marjoram');
    const shared = (await staying.post('/collections', { body: { name: 'shared' } })).body.id;
    await staying.put(`/collections/${shared}/grants`, {
      body: { subject: `email:${leaving.account.email}`, access: 'write' },
    });
    await leaving.post('/rag/add_document', {
      body: { doc_id: 'gift', text: 'a gift of saxifrage', collection_id: shared },
    });
    const user = (await leaving.me()).body.id as string;
    const removal = app.app.get(DocumentRemovalService, { strict: false });
    const remove = async (): Promise<void> => {
      await app.app
        .get(Transactions, { strict: false })
        .run((transaction) => removal.removeUser(transaction, user));
      removal.removalBegan();
    };

    // Somebody who can sign in is not removed, whoever asks.
    await remove();
    await sleep(3000);
    expect(await rows('collections', 'id = $1 and deleted_at is null', [id])).toBe(1);

    await app.source.query('update users set is_active = false where id = $1', [user]);
    await remove();
    await eventually('the user is gone', async () => (await rows('users', 'id = $1', [user])) === 0);
    expect(await rows('collections', 'owner_id = $1', [user])).toBe(0);
    expect(await rows('documents', 'collection_id = $1', [id])).toBe(0);
    expect(await rows('user_usage', 'user_id = $1', [user])).toBe(0);
    expect(await found(staying, 'saxifrage')).toBe(1);
    expect(
      await rows('removals', "subject_id = $1 and kind = 'user' and finished_at is not null", [user]),
    ).toBe(1);
  });

  it('finds what a user made while the account was erased, and holds nobody else up', async () => {
    const [leaving, staying] = [await Browser.signedUp(app), await Browser.signedUp(app)];
    const late = await filled(leaving, 'toadflax');
    const other = await filled(staying, 'sainfoin');
    const user = (await leaving.me()).body.id as string;
    const removal = app.app.get(DocumentRemovalService, { strict: false });
    await app.app.get(Transactions, { strict: false }).run(async (transaction) => {
      await transaction.query('update users set is_active = false where id = $1', [user]);
      await removal.removeUser(transaction, user);
      // As where another process made it behind the look at what there is.
      await transaction.query('update collections set deleted_at = null where id = $1', [late]);
    });
    removal.removalBegan();
    const { removal_id } = (await staying.delete(`/collections/${other}`)).body;
    await eventually('the collection is gone', async () => {
      return (await staying.get(`/removals/${removal_id}`)).body.status === 'done';
    });
    await eventually('the user is gone', async () => (await rows('users', 'id = $1', [user])) === 0);
    expect(await rows('documents', 'collection_id = any($1)', [[late, other]])).toBe(0);
    await eventually('all is removed', async () => (await rows('removals', 'finished_at is null', [])) === 0);
  });

  it('does not hold up one removal for another that fails', async () => {
    const [broken, other] = [await Browser.signedUp(app), await Browser.signedUp(app)];
    const removals = app.app.get(DocumentRemovalService, { strict: false });
    const conclude = removals.conclude.bind(removals);
    const { id } = (await broken.post('/collections', { body: { name: 'broken' } })).body;
    const failing = jest.spyOn(removals, 'conclude').mockImplementation((removal) => {
      if (removal.subject_id === id) throw new Error('it cannot end');
      return conclude(removal);
    });
    try {
      const first = (await broken.delete(`/collections/${id}`)).body.removal_id;
      const { body } = await other.post('/collections', { body: { name: 'other' } });
      const second = (await other.delete(`/collections/${body.id}`)).body.removal_id;
      const status = async (browser: Browser, removal: string): Promise<string> =>
        (await browser.get(`/removals/${removal}`)).body.status;
      await eventually('the other is done', async () => (await status(other, second)) === 'done');
      expect(await status(broken, first)).toBe('running');
      failing.mockRestore();
      await eventually('the first is done', async () => (await status(broken, first)) === 'done');
    } finally {
      failing.mockRestore();
    }
  });

  it('shows a key no removal but of the collections that it is good for', async () => {
    const owner = await Browser.signedUp(app);
    const [one, two] = await Promise.all(
      ['one', 'two'].map(async (name) => (await owner.post('/collections', { body: { name } })).body.id),
    );
    const made = await owner.post('/auth/api-keys', {
      body: { name: 'k', scopes: ['collections:read'], collection_ids: [one] },
    });
    expect(made.status).toBe(201);
    const ask = async (collection: string): Promise<number> => {
      const { removal_id } = (await owner.delete(`/collections/${collection}`)).body;
      const headers = { 'x-api-key': made.body.key };
      expect((await owner.get(`/removals/${removal_id}`)).status).toBe(200);
      return (await owner.get(`/removals/${removal_id}`, { anonymous: true, headers })).status;
    };
    expect(await ask(two)).toBe(404);
    expect(await ask(one)).toBe(200);
  });

  it('answers 404 for a removal that does not exist', async () => {
    expect((await admin.get(`/removals/${randomUUID()}`)).status).toBe(404);
  });
});
