import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { expectWhole } from '../support/encoder-switch.js';
import { FakeGemini } from '../support/fake-gemini.js';

const CLIENTS = 50;
const DOCUMENTS = 8;
const ROUNDS = 6;

/** A text of several passages that all name the same version. */
const version = (mark: string): string =>
  Array.from(
    { length: 120 },
    (_, i) => `Sentence ${i} of the contested document belongs to edition ${mark}.`,
  ).join(' ');

describe.each(['no encoder', 'an encoder'])('fifty clients at the same documents, with %s', (encoder) => {
  let fake: FakeGemini;
  let app: TestApp;
  let owner: Browser;

  beforeAll(async () => {
    fake = await FakeGemini.start();
    const gemini = {
      EMBEDDING_MODEL: `gemini:${fake.model}`,
      GEMINI_EMBEDDING_DIMENSIONS: '128',
      GOOGLE_API_KEY: fake.key,
      GEMINI_BASE_URL: fake.url,
      LLM: 'none',
    };
    app = await startTestApp(encoder === 'an encoder' ? gemini : {});
    owner = await Browser.signedUp(app);
  });
  afterAll(async () => {
    await app?.close();
    await fake?.stop();
  });

  it('see no mixture of versions and no failure, and leave everything counted', async () => {
    const statuses = new Map<number, number>();
    const note = (status: number): void => void statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const mixed: string[] = [];
    const docId = (n: number): string => `contested-${n % DOCUMENTS}`;

    const write = async (client: number, round: number): Promise<void> => {
      const mark = `${client}x${round}`;
      if (client % 3 === 0) {
        const file = { name: 'c.txt', data: Buffer.from(version(mark)), type: 'text/plain' };
        note((await owner.upload([file], { doc_id: docId(client + round) })).status);
      } else {
        const body = { doc_id: docId(client + round), text: version(mark), wait_ms: 0 };
        note((await owner.post('/rag/add_document', { body })).status);
      }
    };
    const remove = async (client: number, round: number): Promise<void> => {
      note((await owner.delete(`/documents?doc_id=${docId(client + round)}`)).status);
    };
    const read = async (): Promise<void> => {
      const body = { query: 'contested document edition', n_results: 100, mode: 'lexical' };
      const answer = await owner.post('/rag/rag_query', { body });
      note(answer.status);
      const editions = new Map<string, Set<string>>();
      for (const { id, text } of answer.body.results as { id: string; text: string }[])
        for (const [, mark = ''] of text.matchAll(/edition (\w+)\./g))
          editions.set(id, (editions.get(id) ?? new Set()).add(mark));
      for (const [id, marks] of editions) if (marks.size > 1) mixed.push(`${id}: ${[...marks].join()}`);
    };
    await Promise.all(
      Array.from({ length: CLIENTS }, async (_, client) => {
        for (let round = 0; round < ROUNDS; round++) {
          const choice = (client + round) % 5;
          if (choice < 2) await write(client, round);
          else if (choice === 2) await remove(client, round);
          else await read();
        }
      }),
    );
    expect(mixed).toEqual([]);
    expect([...statuses.keys()].filter((status) => ![200, 202, 404, 409].includes(status))).toEqual([]);
    expect(statuses.get(200)).toBeGreaterThan(CLIENTS);

    // When everything has settled, lists, texts, passages, words and counters tell the same.
    for (
      const until = Date.now() + 200_000;
      Date.now() < until;
      await new Promise((r) => setTimeout(r, 200))
    ) {
      const [open] = await app.source.query<{ n: number }[]>(
        `select ((select count(*) from removable_versions) +
                 (select count(*) from documents where status in ('queued', 'extracting', 'embedding', 'deleting')) +
                 (select count(*) from embedding_backlog where $1::boolean))::int as n`,
        [encoder === 'an encoder'],
      );
      if (open?.n === 0) break;
    }
    const { body: listed } = await owner.get('/documents?limit=200');
    const items = listed.items as {
      id: string;
      doc_id: string;
      status: string;
      chunks: number;
      bytes: number;
    }[];
    expect(new Set(items.map((item) => item.doc_id)).size).toBe(items.length);
    expect(items.map((item) => item.status)).toEqual(items.map(() => 'ready'));
    const [counted] = await app.source.query<Record<string, number>[]>(
      `select (select count(*) from documents)::int as documents, (select count(*) from document_versions)::int as versions,
              (select count(*) from chunks)::int as chunks, (select sum(documents) from user_usage)::int as used,
              (select sum(bytes) from user_usage)::int as bytes, (select sum(waiting) from user_usage)::int as waiting,
              (select count(*) from successor_vectors)::int as successors`,
    );
    const sum = (key: 'chunks' | 'bytes'): number => items.reduce((total, item) => total + item[key], 0);
    expect(counted).toEqual({
      documents: items.length,
      versions: items.length,
      chunks: sum('chunks'),
      used: items.length,
      bytes: sum('bytes'),
      waiting: 0,
      successors: 0,
    });
    const [{ id: index = '' } = {}] = await app.source.query<{ id?: string }[]>(
      `select id from vector_indexes where state = 'active'`,
    );
    if (encoder === 'an encoder') await expectWhole(app, index);
    const found = await owner.post('/rag/rag_query', {
      body: { query: 'contested document edition', n_results: 100, mode: 'lexical', group_by: 'document' },
    });
    expect(found.body.results.map((hit: { id: string }) => hit.id).toSorted()).toEqual(
      items.map((item) => item.doc_id).toSorted(),
    );
  });
});
