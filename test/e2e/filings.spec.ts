import path from 'node:path';
import { newDataDir, startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { describeWithShared, sharedDir } from '../support/shared.js';

const QUARTERS = [1, 2, 3, 4];
const NAMES = [
  ...['AMD', 'INTC', 'NVDA'].flatMap((company) =>
    [2021, 2022].flatMap((year) => QUARTERS.map((quarter) => `${company}_${year}Q${quarter}_10Q.html`)),
  ),
  'AMERICANEXPRESS_2022_10K.html',
  'BestBuy-AnnualReport2022.html',
];

/** As long as pages are, of words that every filing has. */
const filler = (topic: string, n: number): string =>
  Array.from(
    { length: 14 },
    (_, i) =>
      `The company and its consolidated subsidiaries describe ${topic} in item ${i + 1} under the accounting principles that are generally accepted, subject to note ${n + i}.`,
  ).join(' ');

/** Only the name of the file says whose it is and of when. */
const filing = (n: number): string => `<!doctype html><html><head><title>Quarterly report</title></head><body>
  <h1>Quarterly report</h1>
  <h2>Results of operations</h2>
  <p>Net revenue for the quarter increased from the year before; revenue was ${1000 + n} million dollars.
  ${filler('revenue by segment', n)}</p>
  <h2>Liquidity</h2><p>Cash and short-term investments cover what falls due. ${filler('sources of cash', n)}</p>
  <h2>Risk factors</h2><p>Competition may affect demand. ${filler('risks of the supply chain', n)}</p>
  <h2>Controls</h2><p>Officers evaluated the disclosure controls. ${filler('internal control', n)}</p>
</body></html>`;

const QUESTIONS: [string, string][] = [
  ["What was AMD's revenue in the second quarter of 2022?", 'AMD_2022Q2_10Q.html'],
  ['AMD 2022 Q2 10-Q revenue', 'AMD_2022Q2_10Q.html'],
  ['How much revenue did INTC report for Q3 2021?', 'INTC_2021Q3_10Q.html'],
  ['NVDA 4Q21 revenue', 'NVDA_2021Q4_10Q.html'],
  ['What was the FY2022 revenue of American Express?', 'AMERICANEXPRESS_2022_10K.html'],
  ['Revenue of Best Buy in 2022', 'BestBuy-AnnualReport2022.html'],
];

interface Hit {
  document_id: string;
  text: string;
  score: number;
}

async function upload(user: Browser): Promise<Map<string, string>> {
  const files = NAMES.map((name, n) => ({ name, data: Buffer.from(filing(n)), type: 'text/html' }));
  const sent = await user.upload(files);
  expect(sent.status).toBe(202);
  const names = new Map<string, string>();
  for (const { id, file_name } of sent.body.documents) {
    expect((await user.settled(id)).status).toBe('ready');
    names.set(id, file_name);
  }
  expect([...names.values()].sort()).toEqual([...NAMES].sort());
  return names;
}

describe('filings that only their file names tell apart, by words', () => {
  let app: TestApp;
  let user: Browser;
  let names: Map<string, string>;

  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
    names = await upload(user);
  });
  afterAll(() => app?.close());

  const ask = async (query: string, more: object = {}): Promise<Hit[]> =>
    (await user.post('/rag/rag_query', { body: { query, n_results: 4, ...more } })).body.results;
  const named = (hits: readonly Hit[]) => hits.map((hit) => names.get(hit.document_id));

  it.each(QUESTIONS)('%s', async (query, wanted) => {
    const passages = await ask(query);
    expect(named(passages.slice(0, 1))).toEqual([wanted]);
    expect(passages[0]!.text).toMatch(/revenue/);
    const documents = await ask(query, { group_by: 'document' });
    expect(named(documents)[0]).toBe(wanted);
    expect(new Set(named(documents)).size).toBe(4);
    expect(documents[0]!.score).toBeGreaterThan(documents[1]!.score);
  });

  it('a file is found by its name alone, whole or in part, and not by its ending', async () => {
    expect(named(await ask('NVDA_2021Q4_10Q.html'))[0]).toBe('NVDA_2021Q4_10Q.html');
    expect(new Set(named(await ask('americanexpress')))).toEqual(new Set(['AMERICANEXPRESS_2022_10K.html']));
    expect(await ask('html')).toEqual([]);
  });

  it('a new title takes nothing from the name of the file', async () => {
    const [id] = [...names].find(([, name]) => name === 'INTC_2022Q1_10Q.html')!;
    expect((await user.patch(`/documents/${id}`, { body: { title: 'A better title' } })).status).toBeLessThan(
      300,
    );
    for (const until = Date.now() + 45_000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
      const [byTitle] = await ask('a better title', { group_by: 'document' });
      if (byTitle?.document_id === id) break;
      if (Date.now() > until) throw new Error('the new title is not found');
    }
    expect(named(await ask('INTC revenue of the first quarter of 2022'))[0]).toBe('INTC_2022Q1_10Q.html');
  });
});

describe('filings that say whose they are on their first page only', () => {
  let app: TestApp;
  let user: Browser;

  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
    const COMPANIES = {
      INTC: ['Intel', 0.125],
      NVDA: ['NVIDIA', 0.04],
      AMD: ['Advanced Micro Devices', 0.5],
    };
    const files = Object.entries(COMPANIES).map(([symbol, [company, dividend]]) => ({
      name: `${symbol}_2023Q1.html`,
      type: 'text/html',
      data: Buffer.from(`<!doctype html><title>Form 10-Q</title><body><p>QUARTERLY REPORT</p>
        <p>${company} Corporation, a company of Delaware</p><p>${filler('the registrant', 1)}</p>
        <h2>Capital</h2><p>We pay cash dividends of $${dividend} for each share. ${filler('capital', 2)}</p>`),
    }));
    for (const { id } of (await user.upload(files)).body.documents)
      expect((await user.settled(id)).status).toBe('ready');
  });
  afterAll(() => app?.close());

  it.each([
    ['Does Intel pay cash dividends?', '$0.125'],
    ['Does NVIDIA pay cash dividends?', '$0.04'],
    ['Does Qualcomm pay cash dividends?', undefined],
  ])('%s', async (question, dividend) => {
    // Room for the three passages on dividends, not for the first pages.
    const { body } = await user.post('/rag/ask', { body: { question, n_results: 3 } });
    expect(body.supported).toBe(dividend !== undefined);
    if (dividend) expect(body.citations[0].quote).toContain(dividend);
  });
});

/** As collections for tests bring them: a page is a text, and its title is the name of its file. */
const TOPICS = ['revenue', 'liquidity', 'risks', 'controls'];
const pages = NAMES.flatMap((name, n) => {
  const title = name.replace(/\.html$/, '');
  return TOPICS.map((topic, page) => ({
    doc_id: `${n}-${page}`,
    title,
    metadata: { part: 'text' },
    text:
      topic === 'revenue'
        ? `Net revenue for the quarter increased from the year before; revenue was ${1000 + n} million dollars. ${filler(topic, n)}`
        : filler(topic, n),
  }));
});
const titleOf = (id: string): string => NAMES[Number(id.split('-')[0])]!;

async function addPages(user: Browser): Promise<void> {
  for (let at = 0; at < pages.length; at += 64) {
    const body = { documents: pages.slice(at, at + 64), wait_ms: 0 };
    expect((await user.post('/rag/add_documents', { body })).status).toBeLessThan(300);
  }
}

describe('texts whose titles are names of files, by words', () => {
  let app: TestApp;
  let user: Browser;

  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
    await addPages(user);
  });
  afterAll(() => app?.close());

  it.each(QUESTIONS)('%s', async (query, wanted) => {
    for (const group_by of ['none', 'document']) {
      const { body } = await user.post('/rag/rag_query', { body: { query, n_results: 4, group_by } });
      const [first] = body.results as { id: string; text: string }[];
      expect([group_by, titleOf(first!.id)]).toEqual([group_by, wanted]);
      expect(first!.text).toMatch(/revenue/);
    }
  });

  it('they keep the title that they were given', async () => {
    const { body } = await user.get('/documents?limit=100');
    const titles = new Set(body.items.map(({ title }: { title: string }) => title));
    for (const name of NAMES) expect(titles).toContain(name.replace(/\.html$/, ''));
  });
});

describeWithShared(
  'filings that only their file names tell apart, by words and meaning',
  ['models/all-MiniLM-L6-v2'],
  () => {
    let app: TestApp;
    let user: Browser;
    let names: Map<string, string>;

    beforeAll(async () => {
      app = await startTestApp({ DATA_DIR: newDataDir(), MODELS_DIR: path.join(sharedDir, 'models') });
      user = await Browser.signedUp(app);
      names = await upload(user);
    }, 240_000);
    afterAll(() => app?.close());

    it.each(QUESTIONS)('%s', async (query, wanted) => {
      for (const group_by of ['none', 'document']) {
        const { body } = await user.post('/rag/rag_query', { body: { query, n_results: 4, group_by } });
        expect(body.retrieval).toMatchObject({ mode: 'hybrid', degraded: [] });
        expect([group_by, names.get(body.results[0].document_id)]).toEqual([group_by, wanted]);
        expect(body.results[0].text).toMatch(/revenue/);
      }
    });

    it('texts whose titles are names of files', async () => {
      await addPages(user);
      const { body: collections } = await user.get('/documents?limit=100');
      const texts = collections.items.filter(({ file_name }: { file_name: string | null }) => !file_name);
      for (const { id } of texts) expect((await user.settled(id)).status).toBe('ready');
      for (const [query, wanted] of QUESTIONS) {
        const body = { query, n_results: 1, filter: { part: 'text' }, group_by: 'document' };
        const { results } = (await user.post('/rag/rag_query', { body })).body;
        expect([query, titleOf(results[0].id)]).toEqual([query, wanted]);
      }
    }, 240_000);
  },
);
