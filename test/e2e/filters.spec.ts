import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

/** The language itself is tested against PostgreSQL in test/contracts/metadata-filter.spec.ts. */
describe('filters', () => {
  let app: TestApp;
  let user: Browser;
  const kinds = ['bridge', 'tunnel', 'ferry'];

  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
    // More than are named one by one, so that both ways of narrowing a search are taken.
    for (let from = 0; from < 3000; from += 1000) {
      const documents = Array.from({ length: 1000 }, (_, i) => ({
        doc_id: `d${from + i}`,
        text: `The crossing number ${from + i} of the river.`,
        metadata: { n: from + i, kind: kinds[(from + i) % 3], tags: [`t${(from + i) % 7}`] },
      }));
      const added = await user.post('/rag/add_documents', { body: { documents } });
      if (added.status !== 200) throw new Error(added.text);
    }
  });
  afterAll(() => app?.close());

  const query = async (filter: unknown, more: object = {}): Promise<Record<string, never>[]> => {
    const response = await user.post('/rag/rag_query', {
      body: { query: 'crossing of the river', n_results: 100, filter, ...more },
    });
    if (response.status !== 200) throw new Error(response.text);
    return response.body.results;
  };
  const numbers = (results: { metadata: { n: number } }[]): number[] =>
    results.map((result) => result.metadata.n).sort((a, b) => a - b);

  it.each([
    [{ n: 17 }, [17]],
    [{ n: { $gte: 2998 } }, [2998, 2999]],
    [{ $and: [{ kind: 'ferry' }, { n: { $lt: 9 } }] }, [2, 5, 8]],
    [{ tags: 't3', n: { $lt: 20 } }, [3, 10, 17]],
    [{ n: '17' }, []],
    [{ $not: { n: { $gt: 1 } } }, [0, 1]],
  ])('%j finds exactly those', async (filter, expected) => {
    expect(numbers((await query(filter)) as never)).toEqual(expected);
    expect(numbers((await query(filter, { group_by: 'document' })) as never)).toEqual(expected);
  });

  it('a filter that most documents match still fills the page, with nothing else', async () => {
    const results = (await query({ n: { $gte: 500 } })) as unknown as { metadata: { n: number } }[];
    expect(results).toHaveLength(100);
    expect(Math.min(...numbers(results))).toBeGreaterThanOrEqual(500);
    const [best] = (await query({ n: { $gte: 500 } }, { query: 'number 123' })) as never[];
    expect(best).toBeDefined();
  });

  it('an empty filter and null ask for nothing', async () => {
    for (const filter of [{}, null]) expect(await query(filter)).toHaveLength(100);
  });

  it('lists documents by the same filter, page by page', async () => {
    const filter = encodeURIComponent('{"kind":"tunnel","n":{"$lt":300}}');
    const first = await user.get(`/documents?limit=60&filter=${filter}`);
    const second = await user.get(`/documents?limit=60&filter=${filter}&cursor=${first.body.next_cursor}`);
    expect(second.body.next_cursor).toBeNull();
    const found = [...first.body.items, ...second.body.items].map(
      (item: { metadata: { n: number } }) => item.metadata.n,
    );
    expect(found.toSorted((a: number, b: number) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, i) => 3 * i + 1),
    );
  });

  it.each([
    [{ $where: 'x' }, 'filter.$where'],
    [{ a: { $gt: [] } }, 'filter.a.$gt'],
    [{ $or: [{ a: 1 }, { b: { c: 1 } }] }, 'filter.$or.1.b.c'],
    [[], 'filter'],
    ['x', 'filter'],
    [7, 'filter'],
  ])('%j is 400 and told at %s', async (filter, field) => {
    for (const [path, body] of [
      ['/rag/rag_query', { query: 'q' }],
      ['/rag/ask', { question: 'q' }],
      ['/rag/langchain_query', { question: 'q' }],
    ] as const) {
      const response = await user.post(path, { body: { ...body, filter } });
      expect(response.status).toBe(400);
      expect(response.body).toMatchObject({ code: 'invalid_filter', errors: [{ field }] });
    }
    const listed = await user.get(`/documents?filter=${encodeURIComponent(JSON.stringify(filter))}`);
    expect(listed.body).toMatchObject({ status: 400, code: 'invalid_filter', errors: [{ field }] });
  });

  it('keys that mean something to JavaScript filter like any other', async () => {
    for (const key of ['constructor', 'toString', 'hasOwnProperty'])
      expect(await query({ [key]: 'x' })).toEqual([]);
    const send = (raw: string) =>
      app.http().post('/rag/rag_query').set('Authorization', `Bearer ${user.token}`).type('json').send(raw);
    const refused = await send('{"query":"q","filter":{"__proto__":"x"}}');
    expect(refused.body).toMatchObject({ status: 400, code: 'malformed_json' });
    const listed = await user.get(`/documents?filter=${encodeURIComponent('{"__proto__":"x"}')}`);
    expect(listed.body).toMatchObject({
      status: 400,
      code: 'invalid_filter',
      errors: [{ field: 'filter.__proto__' }],
    });
    for (const bad of ['{"a":', 'x', ''])
      expect((await user.get(`/documents?filter=${bad}`)).status).toBe(400);
    expect((await user.get('/documents?filter={}&filter={}')).status).toBe(400);
    const huge = await send('{"query":"q","filter":{"a":1e999}}');
    expect(huge.body).toMatchObject({ status: 400, code: 'invalid_filter', errors: [{ field: 'filter.a' }] });
  });
});
