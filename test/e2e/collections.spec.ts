import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { CollectionsService } from '../../src/collections/collections.service.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

describe('collections', () => {
  let app: TestApp;
  let owner: Browser;
  let guest: Browser;

  beforeAll(async () => {
    app = await startTestApp();
    owner = await Browser.signedUp(app);
    guest = await Browser.signedUp(app);
  });
  afterAll(() => app?.close());

  const make = async (name: string): Promise<string> =>
    (await owner.post('/collections', { body: { name } })).body.id;
  const add = (browser: Browser, collection_id: string, doc_id: string, text: string) =>
    browser.post('/rag/add_document', { body: { doc_id, text, collection_id, wait_ms: 0 } });
  const hits = async (browser: Browser, query: string, scope: object = {}): Promise<string[]> =>
    (await browser.post('/rag/rag_query', { body: { query, n_results: 20, ...scope } })).body.results.map(
      (r: { id: string }) => r.id,
    );
  const grant = (id: string, subject: string, access: string) =>
    owner.put(`/collections/${id}/grants`, { body: { subject, access } });

  it('gives every user one personal collection that cannot be deleted', async () => {
    const { items } = (await owner.get('/collections')).body;
    const personal = items.filter((c: { is_personal: boolean }) => c.is_personal);
    expect(personal).toHaveLength(1);
    expect((await owner.delete(`/collections/${personal[0].id}`)).status).toBe(409);
    expect((await guest.get(`/collections/${personal[0].id}`)).status).toBe(404);
  });

  it.each(['put', 'delete'] as const)(
    'lets nobody %s a grant who was let in when they asked, and is not any more',
    async (method) => {
      const id = await make('Taken back');
      const manager = (await guest.me()).body.id as string;
      const own = await grant(id, `user:${manager}`, 'manage');
      const other = await grant(id, 'role:user', 'read');
      const collections = app.app.get(CollectionsService, { strict: false });
      const ask = collections.require.bind(collections);
      const [asked, allowed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const spy = jest.spyOn(collections, 'require').mockImplementationOnce(async (...args) => {
        const found = await ask(...args);
        asked.resolve();
        await allowed.promise;
        return found;
      });
      const change =
        method === 'put'
          ? guest.put(`/collections/${id}/grants`, { body: { subject: `user:${manager}`, access: 'manage' } })
          : guest.delete(`/collections/${id}/grants/${other.body.id}`);
      await asked.promise;
      expect((await owner.delete(`/collections/${id}/grants/${own.body.id}`)).status).toBe(204);
      allowed.resolve();
      // Everybody may read it by the grant that is left.
      expect((await change).status).toBe(403);
      spy.mockRestore();
      const { items } = (await owner.get(`/collections/${id}/grants`)).body;
      expect(items.map((item: { id: string }) => item.id)).toEqual([other.body.id]);
    },
  );

  it('lets others in exactly as far as their grant goes, from the next request on', async () => {
    const id = await make('Shared');
    await add(owner, id, 'plan', 'the hexagonal blueprint');
    expect(await hits(guest, 'hexagonal blueprint')).toEqual([]);
    expect((await guest.get(`/collections/${id}`)).status).toBe(404);

    const read = await grant(id, `email:${guest.account.email.toUpperCase()}`, 'read');
    expect(read.body).toMatchObject({ access: 'read', email: guest.account.email });
    expect(await hits(guest, 'hexagonal blueprint')).toEqual(['plan']);
    expect((await add(guest, id, 'mine', 'text')).status).toBe(403);
    expect((await guest.get(`/collections/${id}/grants`)).status).toBe(403);
    expect((await guest.patch(`/collections/${id}`, { body: { name: 'Stolen' } })).status).toBe(403);

    await grant(id, `email:${guest.account.email}`, 'write');
    expect((await add(guest, id, 'mine', 'guest words')).status).toBe(200);
    expect((await guest.delete(`/collections/${id}`)).status).toBe(403);

    const { items } = (await owner.get(`/collections/${id}/grants`)).body;
    expect(items).toHaveLength(1);
    expect((await owner.delete(`/collections/${id}/grants/${items[0].id}`)).status).toBe(204);
    expect(await hits(guest, 'hexagonal blueprint')).toEqual([]);
    expect((await guest.post('/rag/rag_query', { body: { query: 'x', collection_ids: [id] } })).status).toBe(
      404,
    );
  });

  it('says how many documents are in each that may be read, and nothing of others', async () => {
    const [full, empty] = [await make('Full'), await make('Empty')];
    for (const name of ['one', 'two', 'three']) await add(owner, full, name, `text of ${name}`);
    const { items } = (await owner.get(`/documents?collection_id=${full}`)).body;
    expect((await owner.delete(`/documents/${items[0].id}`)).status).toBe(202);
    const counts = async (browser: Browser): Promise<Record<string, number>> =>
      Object.fromEntries(
        (await browser.get('/collections?limit=200')).body.items.map(
          (c: { id: string; documents: number }) => [c.id, c.documents],
        ),
      );
    expect(await counts(owner)).toMatchObject({ [full]: 2, [empty]: 0 });
    expect((await owner.get(`/collections/${full}`)).body).toMatchObject({ documents: 2, access: 'manage' });
    expect(await counts(guest)).not.toHaveProperty(full);
    await grant(full, `email:${guest.account.email}`, 'read');
    expect(await counts(guest)).toMatchObject({ [full]: 2 });
    expect((await guest.get(`/collections/${full}`)).body).toMatchObject({ documents: 2, access: 'read' });
    const renamed = await owner.patch(`/collections/${full}`, { body: { name: 'Fuller' } });
    expect(renamed.body).toMatchObject({ name: 'Fuller', documents: 2 });
  });

  it('grants to roles reach those who hold them now', async () => {
    const id = await make('For everyone');
    await add(owner, id, 'notice', 'the communal pinnacle');
    expect((await grant(id, 'role:user', 'read')).status).toBe(200);
    expect(await hits(guest, 'communal pinnacle')).toEqual(['notice']);
    await app.source.query(`delete from user_roles where user_id = (select id from users where email = $1)`, [
      guest.account.email,
    ]);
    expect(await hits(guest, 'communal pinnacle')).toEqual([]);
    await app.source.query(
      `insert into user_roles select u.id, r.id from users u, roles r where u.email = $1 and r.name = 'user'`,
      [guest.account.email],
    );
    expect((await grant(id, 'role:nobody', 'read')).status).toBe(404);
  });

  it('limits a query to the named collections', async () => {
    const [a, b] = [await make('A'), await make('B')];
    await add(owner, a, 'in-a', 'syzygy first');
    await add(owner, b, 'in-b', 'syzygy second');
    expect((await hits(owner, 'syzygy')).toSorted()).toEqual(['in-a', 'in-b']);
    expect(await hits(owner, 'syzygy', { collection_ids: [a] })).toEqual(['in-a']);
    expect(
      (await owner.post('/rag/rag_query', { body: { query: 'x', collection_ids: [a, randomUUID()] } }))
        .status,
    ).toBe(404);
  });

  it('goes with its documents', async () => {
    const id = await make('Doomed');
    const added = await add(owner, id, 'doomed', 'the ephemeral zeppelin');
    expect((await owner.delete(`/collections/${id}`)).status).toBe(202);
    expect(await hits(owner, 'ephemeral zeppelin')).toEqual([]);
    expect((await owner.get(`/collections/${id}`)).status).toBe(404);
    expect((await owner.get(`/documents/${added.body.document_id}`)).status).toBe(404);
    expect((await add(owner, id, 'late', 'late')).status).toBe(404);
    const rows = (): Promise<unknown[]> => app.source.query('select 1 from collections where id = $1', [id]);
    for (const until = Date.now() + 120_000; (await rows()).length > 0 && Date.now() < until;)
      await new Promise((r) => setTimeout(r, 100));
    expect(await rows()).toEqual([]);
  });

  it('are made by nobody whose account or session has ended, although this process does not know it yet', async () => {
    const collections = app.app.get(CollectionsService, { strict: false });
    const ends = {
      session: 'update refresh_tokens set revoked_at = now() where user_id = $1',
      account: 'update users set is_active = false where id = $1',
    };
    for (const [name, end] of Object.entries(ends)) {
      const user = await Browser.signedUp(app);
      const { id } = (await user.me()).body;
      const [session] = await app.source.query('select id from refresh_tokens where user_id = $1', [id]);
      const create = () => collections.create({ id, roles: [], sessionId: session.id }, name, null);
      expect((await create()).name).toBe(name);
      await app.source.query(end, [id]);
      await expect(create()).rejects.toMatchObject({ code: 'unauthenticated' });
      const rows = await app.source.query('select name from collections where owner_id = $1', [id]);
      expect(rows.map((row: { name: string }) => row.name).toSorted()).toEqual(['Personal', name].toSorted());
    }
  });

  it('refuses what is not a name, a subject or an access', async () => {
    for (const name of ['', '   ', 'a\0b', '\ud800', 7, 'x'.repeat(256), null])
      expect((await owner.post('/collections', { body: { name } })).status).toBe(400);
    const id = await make('Strict');
    for (const subject of ['user:1', 'email:', 'everyone', 'role:'])
      expect((await grant(id, subject, 'read')).status).toBe(400);
    expect((await grant(id, 'role:user', 'own')).status).toBe(400);
    expect((await grant(id, `user:${randomUUID()}`, 'read')).status).toBe(404);
    expect(
      (await owner.patch(`/collections/${id}`, { body: { name: 'Renamed', description: 'Why' } })).body,
    ).toMatchObject({ name: 'Renamed', description: 'Why' });
    expect((await owner.patch(`/collections/${id}`, { body: { description: null } })).body).toMatchObject({
      name: 'Renamed',
      description: null,
    });
  });
});
