import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { printedPdf } from '../support/scans.js';

/** So short that all pages are one passage. */
const PDF = printedPdf([
  ['The ferry of Lindholm leaves at noon.', 'Tickets are sold by the harbour office.'],
  ['The captain of the ferry is Ottilie Brandt.', 'She has been at sea since 1987.'],
  [],
  ['Bicycles travel in the forward hold.'],
]);
const QUESTIONS = [
  ['When does the ferry of Lindholm leave?', 'The ferry of Lindholm leaves at noon.', 1],
  ['Who is the captain of the ferry?', 'The captain of the ferry is Ottilie Brandt.', 2],
  ['Where do bicycles travel?', 'Bicycles travel in the forward hold.', 4],
] as const;
const PAGES = QUESTIONS.map(([, quote, page]) => [quote, page]);

interface Cited {
  id: string;
  citations: { page: number | null; quote: string }[];
  sources: { page: number | null }[];
}

/** A passage has the page that it begins on, and may go on over others. */
describe('the page of a citation', () => {
  let app: TestApp;
  let user: Browser;
  let collection: string;
  let documentId: string;

  const made = async (name: string): Promise<string> =>
    (await user.post('/collections', { body: { name } })).body.id;
  const asked = async (collectionId: string): Promise<Cited[]> => {
    const all: Cited[] = [];
    for (const [question] of QUESTIONS)
      all.push((await user.post('/rag/ask', { body: { question, collection_ids: [collectionId] } })).body);
    return all;
  };
  const pages = (answers: readonly Cited[]): unknown[] =>
    answers.map(({ citations }) => [citations[0]?.quote, citations[0]?.page]);
  const importTo = (id: string, content: string) =>
    app
      .http()
      .post(`/collections/${id}/import`)
      .set('Authorization', `Bearer ${user.token}`)
      .type('application/x-ndjson')
      .send(content);
  const imported = async (content: string): Promise<string> => {
    const id = await made('imported');
    expect((await importTo(id, content)).body).toMatchObject({ documents: 1, unread: 0 });
    return id;
  };

  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
    collection = await made('ferries');
    const uploaded = await user.upload([{ name: 'ferry.pdf', data: PDF, type: 'application/pdf' }], {
      collection_id: collection,
    });
    documentId = uploaded.body.documents[0].id;
    expect(await user.settled(documentId)).toMatchObject({ status: 'ready', chunks: 1, pages: 4 });
  });
  afterAll(() => app?.close());

  it('is the one that its quote begins on, in the answer, its events and what is kept of it', async () => {
    const answers = await asked(collection);
    expect(pages(answers)).toEqual(PAGES);
    // What was found is the passage, which begins on the first.
    expect(answers.map(({ sources }) => sources.map(({ page }) => page))).toEqual([[1], [1], [1]]);
    const kept = await Promise.all(answers.map(({ id }) => user.get(`/rag/answers/${id}`)));
    expect(pages(kept.map(({ body }) => body))).toEqual(PAGES);
    const { text } = await user.post('/rag/ask', {
      body: { question: QUESTIONS[1][0], collection_ids: [collection], stream: true },
    });
    expect(/^event: citation\ndata: (.+)$/m.exec(text)?.[1]).toContain('"page":2');
  });

  it('comes back with an import, and is that of the passage where an export is of before', async () => {
    const content = (await user.get(`/collections/${collection}/export`)).text;
    expect(pages(await asked(await imported(content)))).toEqual(PAGES);
    const older = content.replace(/"page_starts":\[\[.*?\]\],/, '');
    expect(older).not.toBe(content);
    expect(pages(await asked(await imported(older)))).toEqual(PAGES.map(([quote]) => [quote, 1]));
  });

  it('is that of the passage where a file was read before pages were noted, until it is read again', async () => {
    await app.source.query('update document_versions set page_starts = null where document_id = $1', [
      documentId,
    ]);
    expect(pages(await asked(collection))).toEqual(PAGES.map(([quote]) => [quote, 1]));
    await user.patch(`/documents/${documentId}`, { body: { title: 'Ferries' } });
    expect(await user.settled(documentId)).toMatchObject({ status: 'ready', title: 'Ferries' });
    expect(pages(await asked(collection))).toEqual(PAGES);
  });
});
