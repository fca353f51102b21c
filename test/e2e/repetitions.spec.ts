import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

const TEXT =
  'The lantern of the harbour of Visby was lit for the first time in the winter of the great frost, when the keeper Ingrid Lund carried the oil across the frozen bay on a sledge, and the fishermen of the island found their way home by it.';
const OTHER =
  'The harbour of Visby has a lantern, which the town council repaired after the storm; the keeper was paid in herring, says the chronicle of the island, and the lantern was painted white.';

describe('repetitions and neighbours', () => {
  let app: TestApp;
  let user: Browser;

  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
    const documents = [
      { doc_id: 'first', text: TEXT },
      { doc_id: 'copy', text: TEXT.toUpperCase() },
      { doc_id: 'same', text: `${TEXT}\n` },
      { doc_id: 'other', text: OTHER },
      {
        doc_id: 'invoice 17',
        text: `Invoice 17 of the lantern fund. ${'Oil for the lantern of Visby, paid by the council. '.repeat(3)}`,
      },
      {
        doc_id: 'invoice 18',
        text: `Invoice 18 of the lantern fund. ${'Oil for the lantern of Visby, paid by the council. '.repeat(3)}`,
      },
    ];
    const added = await user.post('/rag/add_documents', { body: { documents } });
    expect(added.status).toBe(200);
  });
  afterAll(() => app?.close());

  const found = async (body: object): Promise<{ id: string; score: number }[]> =>
    (
      await user.post('/rag/rag_query', {
        body: { query: 'lantern of the harbour of Visby keeper', ...body },
      })
    ).body.results;

  it('come last in a search, which hides nothing', async () => {
    const all = await found({ n_results: 10 });
    expect(all).toHaveLength(6);
    expect(all.every(({ score }, i) => i === 0 || score <= all[i - 1]!.score)).toBe(true);
    const last = all.slice(-2).map(({ id }) => id);
    expect(['first', 'copy', 'same']).toEqual(expect.arrayContaining(last));
    const two = (await found({ n_results: 2 })).map(({ id }) => id);
    expect(two.filter((id) => ['first', 'copy', 'same'].includes(id))).toHaveLength(1);
    expect(two).toContain('other');
    // As many as were asked for, as long as there are any.
    expect(await found({ n_results: 5 })).toHaveLength(5);
    expect(await found({ n_results: 1 })).toHaveLength(1);
  });

  it('are results of their own where documents are asked for', async () => {
    expect(await found({ n_results: 3, group_by: 'document' })).toHaveLength(3);
    const ids = (await found({ n_results: 10, group_by: 'document' })).map(({ id }) => id);
    expect(new Set(ids).size).toBe(6);
  });

  it('are left out of an answer, but not what differs in a number', async () => {
    const { body } = await user.post('/rag/ask', {
      body: { question: 'Who lit the lantern of the harbour of Visby?' },
    });
    const ids = body.sources.map((source: { id: string }) => source.id);
    expect(ids.filter((id: string) => ['first', 'copy', 'same'].includes(id))).toHaveLength(1);
    expect(ids).toEqual(expect.arrayContaining(['other', 'invoice 17', 'invoice 18']));
  });

  describe('under names that the question tells apart', () => {
    const LEAVE =
      'Every employee has twenty-six days of paid leave in a calendar year, to be agreed with the head of the department at least four weeks ahead; what is left at the end of the year may be taken until the end of March.';
    const question = (year: number) => `How many days of paid leave does the works handbook of ${year} give?`;

    // By words that of 2023 is the better one: its name has one that is rare, and the year is in many.
    const NAMES: Record<number, string> = { 2023: 'Works handbook 2023', 2024: 'Handbook 2024' };
    const minutes = Array.from({ length: 12 }, (_, i) => ({
      doc_id: `minutes ${i}`,
      title: `Minutes ${i} of 2024`,
      text: 'The council met in the town hall and spoke of the harbour.',
    }));

    it.each(['titles', 'names of files'])('are cited by the one that is asked about (%s)', async (what) => {
      const id = (await user.post('/collections', { body: { name: what } })).body.id as string;
      const add = async (year: number): Promise<void> => {
        if (what === 'titles') {
          const body = { collection_id: id, doc_id: `${year}`, title: NAMES[year], text: LEAVE };
          expect((await user.post('/rag/add_document', { body })).status).toBe(200);
          return;
        }
        const html = `<html><head><title>Rules</title></head><body><p>${LEAVE}</p></body></html>`;
        // Other bytes, or it would be the same file.
        const file = { name: `${NAMES[year]}.html`, data: Buffer.from(`${html}<!-- ${year} -->`) };
        const sent = await user.upload([file], { collection_id: id, doc_id: `${year}` });
        expect(await user.settled(sent.body.documents[0].id)).toMatchObject({ status: 'ready' });
      };
      await user.post('/rag/add_documents', { body: { collection_id: id, documents: minutes } });
      await add(2023);
      await add(2024);
      for (const year of [2023, 2024]) {
        const body = { question: question(year), collection_ids: [id] };
        const answer = (await user.post('/rag/ask', { body })).body;
        expect([year, answer.supported]).toEqual([year, true]);
        expect(answer.citations.map((citation: { doc_id: string }) => citation.doc_id)).toEqual([`${year}`]);
      }
    });
  });

  it('a quote from joined passages names the passage that it stands in', async () => {
    const facts = Array.from(
      { length: 60 },
      (_, i) =>
        `The ${['northern', 'southern', 'eastern', 'western'][i % 4]} mole of Kragero number ${i} was built by the mason Halvor of ship ${i * 7 + 3}.`,
    );
    const text = facts.join(' ');
    const added = await user.post('/rag/add_document', { body: { doc_id: 'moles', text } });
    const { body: chunks } = await user.get(`/documents/${added.body.document_id}/chunks`);
    expect(chunks.items.length).toBeGreaterThan(3);
    for (const i of [5, 30, 58]) {
      const { body } = await user.post('/rag/ask', {
        body: {
          question: `Who built the mole of Kragero number ${i}?`,
          document_ids: [added.body.document_id],
        },
      });
      expect(body.supported).toBe(true);
      for (const citation of body.citations) {
        expect(text.slice(citation.char_start, citation.char_end)).toBe(citation.quote);
        const chunk = chunks.items.find((each: { id: string }) => each.id === citation.chunk_id);
        expect(chunk.char_start).toBeLessThanOrEqual(citation.char_start);
        expect(chunk.char_end).toBeGreaterThan(citation.char_start);
      }
      expect(body.sources.length).toBeGreaterThan(1);
    }
  });
});
