import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

interface Listed {
  doc_id: string;
  title: string | null;
}

/** How a list of documents is searched, ordered and counted. */
describe('list of documents', () => {
  let app: TestApp;
  let owner: Browser;
  let guest: Browser;
  let collection: string;

  const TITLES: Record<string, string | undefined> = {
    a: 'École d’été',
    b: 'Annual report 2024',
    c: 'annual REPORT 2025, draft',
    d: '100% cotton_wool',
    e: 'Straße nach Łódź',
    f: 'Ёлка и Ель',
    g: '東京都の地図',
    untitled_note: undefined,
  };

  beforeAll(async () => {
    app = await startTestApp();
    owner = await Browser.signedUp(app);
    guest = await Browser.signedUp(app);
    collection = (await owner.post('/collections', { body: { name: 'Listed' } })).body.id;
    let size = 0;
    for (const [doc_id, title] of Object.entries(TITLES)) {
      const text = 'word '.repeat(1 + ((size += 3) % 7));
      const body = { collection_id: collection, doc_id, text, title, wait_ms: 0 };
      expect((await owner.post('/rag/add_document', { body })).status).toBe(200);
    }
  });
  afterAll(() => app?.close());

  const list = (query: Record<string, string | number | boolean>, browser = owner) =>
    browser.get(
      `/documents?${new URLSearchParams({ collection_id: collection, ...query } as never).toString()}`,
    );
  const ids = async (
    query: Record<string, string | number | boolean>,
    browser = owner,
  ): Promise<string[]> => {
    const { body, status } = await list(query, browser);
    expect([query, status]).toEqual([query, 200]);
    return body.items.map((d: Listed) => d.doc_id);
  };
  /** All pages of one document each, until there is none. */
  async function walk(query: Record<string, string>, limit = 1): Promise<string[]> {
    const found: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const { body } = await list({ ...query, limit, ...(cursor && { cursor }) });
      found.push(...body.items.map((d: Listed) => d.doc_id));
      cursor = body.next_cursor;
    }
    return found;
  }

  it.each([
    ['ecole', ['a']],
    ['ÉCOLE ete', ['a']],
    ['nnua', ['b', 'c']],
    ['report 2025', ['c']],
    ['2025 Report', ['c']],
    ['report zebra', []],
    ['%', ['d']],
    ['0% COTTON_', ['d']],
    ['_', ['d', 'untitled_note']],
    ['\\', []],
    ['strasse', ['e']],
    ['lodz', ['e']],
    ['ЕЛЬ', ['f']],
    ['елка', ['f']],
    ['京', ['g']],
    ['東京', ['g']],
    ['都の地', ['g']],
    ['NOTE', ['untitled_note']],
    ['w', ['d']],
    ['\u0301', Object.keys(TITLES)],
    ['  ', Object.keys(TITLES)],
  ])('finds %j in titles', async (q, expected) => {
    expect(await ids({ q })).toEqual(expected);
    expect((await list({ q, count: true })).body.total).toBe(expected.length);
  });

  const MARKED: Record<string, string> = {
    vowels: 'عَقْدُ الإيجار',
    ligatures: 'ﻻﺋﺤﺔ ٱلمــدرسة',
    hamza: 'أَحكام',
    points: 'הֶסְכֵּם־שכר',
    gershayim: 'דו״ח רח׳ הרצל',
    apostrophe: 'O’Brien ´round',
    thai: 'น\u0e4d\u0e49า\u0e21\u0e31\u0e19',
    lao: 'ນ\u0ecd\u0ec9\u0eb2',
  };
  describe('whose names can be written in several ways', () => {
    let marked: string;
    beforeAll(async () => {
      marked = (await owner.post('/collections', { body: { name: 'Marked' } })).body.id;
      for (const [doc_id, title] of Object.entries(MARKED)) {
        const body = { collection_id: marked, doc_id, text: 'word', title, wait_ms: 0 };
        expect((await owner.post('/rag/add_document', { body })).status).toBe(200);
      }
    });
    it.each([
      ['عقد', 'vowels'],
      ['عَقد', 'vowels'],
      ['الايجار', 'vowels'],
      ['الإيجار', 'vowels'],
      ['لائحة المدرسة', 'ligatures'],
      ['احكام', 'hamza'],
      ['הסכם', 'points'],
      ['הסכם־שכר', 'points'],
      ['דוח', 'gershayim'],
      ['דו"ח', 'gershayim'],
      ["דו''ח", 'gershayim'],
      ["רח'", 'gershayim'],
      ["O'Brien", 'apostrophe'],
      ['oʼbrien', 'apostrophe'],
      ["'round", 'apostrophe'],
      ['น้ำมัน', 'thai'],
      ['น\u0e4d\u0e49ามัน', 'thai'],
      ['ນ້ຳ', 'lao'],
    ])('finds %j', async (q, expected) => {
      expect(await ids({ collection_id: marked, q })).toEqual([expected]);
    });
  });

  it('finds a file by its name, also when it has a title of its own', async () => {
    const data = Buffer.from('<title>Minutes</title><p>of the meeting</p>');
    const { body } = await owner.upload([{ name: 'Протокол-7.html', data }], { collection_id: collection });
    const { id } = body.documents[0];
    expect(await owner.settled(id)).toMatchObject({ title: 'Minutes' });
    for (const q of ['протокол', 'ПРОТОКОЛ-7.HTML', 'minutes 7.html'])
      expect((await list({ q })).body.items.map((d: { id: string }) => d.id)).toEqual([id]);
    expect((await owner.delete(`/documents/${id}`)).status).toBe(202);
    expect(await ids({ q: 'протокол' })).toEqual([]);
  });

  it('follows a new title, and a new version', async () => {
    const body = { collection_id: collection, doc_id: 'changing', text: 'one', title: 'Walrus', wait_ms: 0 };
    await owner.post('/rag/add_document', { body });
    const [{ id }] = (await list({ q: 'walrus' })).body.items;
    expect((await owner.patch(`/documents/${id}`, { body: { title: 'Narwhal' } })).status).toBe(200);
    expect([await ids({ q: 'walrus' }), await ids({ q: 'narwhal' })]).toEqual([[], ['changing']]);
    await owner.post('/rag/add_document', { body: { ...body, title: 'Beluga', text: 'two words' } });
    expect([await ids({ q: 'narwhal' }), await ids({ q: 'beluga' })]).toEqual([[], ['changing']]);
    await owner.delete(`/documents/${id}`);
    expect(await ids({ q: 'beluga' })).toEqual([]);
  });

  const sorted = (key: (d: Record<string, string>) => string, items: Record<string, string>[]): string[] =>
    items
      .toSorted((x, y) => (key(x) < key(y) || (key(x) === key(y) && x['id']! < y['id']!) ? -1 : 1))
      .map((d) => d['doc_id']!);

  it('has each order in both directions, on pages of any length', async () => {
    const { items } = (await list({})).body;
    const title = ['d', 'b', 'c', 'a', 'e', 'untitled_note', 'f', 'g'];
    const bytes = sorted((d) => String(d['bytes']).padStart(9, '0'), items);
    const orders = { title, bytes, created_at: sorted((d) => d['created_at']!, items) };
    expect(orders.created_at).toEqual(await walk({}));
    for (const [sort, expected] of Object.entries(orders)) {
      for (const limit of [1, 3]) expect([sort, await walk({ sort }, limit)]).toEqual([sort, expected]);
      expect(await walk({ sort, order: 'desc' }, 3)).toEqual(expected.toReversed());
    }
    await owner.patch(`/documents/${items[2].id}`, { body: { metadata: { seen: true } } });
    const latest = (await list({ sort: 'updated_at', order: 'desc', limit: 1 })).body;
    expect(latest.items[0].doc_id).toBe('c');
    expect(await walk({ sort: 'updated_at' })).toEqual([
      ...sorted((d) => d['updated_at']!, items).filter((id) => id !== 'c'),
      'c',
    ]);
  });

  it('orders and counts what is searched and filtered', async () => {
    expect(await walk({ q: 'e', sort: 'title', order: 'desc' })).toEqual([
      'untitled_note',
      'e',
      'a',
      'c',
      'b',
    ]);
    expect(await ids({ q: 'report', filter: '{"seen":true}', sort: 'title' })).toEqual(['c']);
    expect(await ids({ q: 'report', doc_id: 'b', status: 'failed', sort: 'bytes' })).toEqual([]);
    const counted = async (query: object) => (await list({ count: true, limit: 1, ...query })).body.total;
    expect(await counted({})).toBe(8);
    expect(await counted({ filter: '{"seen":true}' })).toBe(1);
    expect(await counted({ q: 'report', filter: '{"seen":true}' })).toBe(1);
    expect(await counted({ doc_id: 'nothing' })).toBe(0);
    expect((await list({})).body.total).toBeNull();
    expect((await list({ count: false })).body.total).toBeNull();
  });

  it('shows and counts only what the caller may read', async () => {
    await guest.post('/rag/add_document', {
      body: { doc_id: 'own', text: 'x', title: 'My report', wait_ms: 0 },
    });
    const { body } = await guest.get('/documents?q=report&count=true');
    expect([body.items.map((d: Listed) => d.doc_id), body.total]).toEqual([['own'], 1]);
    expect((await guest.get('/documents?count=true')).body.total).toBe(1);
    expect((await list({ q: 'report' }, guest)).status).toBe(404);
    await owner.put(`/collections/${collection}/grants`, {
      body: { subject: `email:${guest.account.email}`, access: 'read' },
    });
    const shared = await guest.get('/documents?q=report&sort=title');
    expect(shared.body.items.map((d: Listed) => d.doc_id)).toEqual(['b', 'c', 'own']);
  });

  it('finds, orders and counts what many have', async () => {
    const many = (await owner.post('/collections', { body: { name: 'Many' } })).body.id;
    await app.source.query(
      `with ids as (select gen_random_uuid() as d, gen_random_uuid() as v, i from generate_series(1, 12000) i),
            owners as (
              insert into documents (id, collection_id, external_id, status, latest_version_id, created_at)
              select d, $1, 'n' || i, case when i % 3000 = 0 then 'failed' else 'ready' end, v,
                     now() - i * interval '1 second' from ids)
       insert into document_versions (id, document_id, title, mime, byte_size, sha256)
       select v, d, 'Volume ' || lpad(i::text, 5, '0'), 'text/plain', 20000 - i, '\\x00' from ids`,
      [many],
    );
    const of = { collection_id: many, count: true, limit: 3 };
    const found = async (query: object): Promise<[string[], number]> => {
      const { body } = await list({ ...of, ...query });
      return [body.items.map((d: Listed) => d.doc_id), body.total];
    };
    expect(await found({})).toEqual([['n12000', 'n11999', 'n11998'], 10_000]);
    expect(await found({ q: 'VOL' })).toEqual([['n12000', 'n11999', 'n11998'], 10_000]);
    expect(await found({ q: 'vol', sort: 'title' })).toEqual([['n1', 'n2', 'n3'], 10_000]);
    expect(await found({ q: 'vol 0123', sort: 'bytes' })).toEqual([['n10123', 'n1239', 'n1238'], 12]);
    expect(await found({ q: 'e 0', sort: 'title', order: 'desc' })).toEqual([
      ['n12000', 'n11990', 'n11980'],
      10_000,
    ]);
    expect(await found({ q: 'vol', status: 'failed' })).toEqual([['n12000', 'n9000', 'n6000'], 4]);
    expect(await found({ status: 'failed', sort: 'title' })).toEqual([['n3000', 'n6000', 'n9000'], 4]);
    expect(await found({ status: 'ready', sort: 'title', order: 'desc' })).toEqual([
      ['n11999', 'n11998', 'n11997'],
      10_000,
    ]);
    expect((await owner.get(`/collections/${many}`)).body.documents).toBe(10_000);
  });

  it('refuses what it does not know, and a cursor of another order', async () => {
    for (const [name, value] of [
      ['sort', 'owner'],
      ['sort', ''],
      ['order', 'down'],
      ['count', 'yes'],
      ['q', 'x'.repeat(201)],
      ['q', '\0'],
    ] as const)
      expect([name, value, (await list({ [name]: value })).status]).toEqual([name, value, 400]);
    const cursor = async (query: object): Promise<string> =>
      (await list({ limit: 1, ...query })).body.next_cursor;
    const title = await cursor({ sort: 'title' });
    for (const [query, of] of [
      [{}, title],
      [{ sort: 'title', order: 'desc' }, title],
      [{ sort: 'bytes' }, title],
      [{ sort: 'title' }, await cursor({})],
      [{ order: 'desc' }, await cursor({})],
      [{ sort: 'bytes' }, await cursor({ sort: 'updated_at' })],
    ] as const) {
      const { status, body } = await list({ ...query, cursor: of });
      expect([query, status, body.code]).toEqual([query, 400, 'invalid_cursor']);
    }
  });
});
