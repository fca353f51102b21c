import fs from 'node:fs';
import path from 'node:path';
import type { OpenAPIObject } from '@nestjs/swagger';
import { buildOpenApi } from '../../src/openapi.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import {
  describeWithEncoder,
  eventually,
  migrate,
  newDatabase,
  root,
  vectorStore,
  type ServerDatabase,
} from './support.js';

interface Hit {
  id: string;
  text: string;
  distance: number | null;
  document_id: string;
}

const BRIDGE = 'The Kessler bridge spans 504 metres. Othmar Kessler designed it in 1931 for trams and carts.';
const BAKERY =
  'Sourdough bread rises slowly. The bakery on Hill Street feeds its starter every morning at four.';

describeWithEncoder(`the application on a PostgreSQL server, vectors in ${vectorStore}`, () => {
  let database: ServerDatabase;
  let app: TestApp;
  let ada: Browser;

  beforeAll(async () => {
    database = await newDatabase();
    await migrate(database.env, 'run');
    app = await startTestApp(database.env);
    await eventually('the encoder has loaded', 180, async () => {
      const { body } = await app.http().get('/health/ready');
      return body.parts.encoder.status === 'up' ? true : undefined;
    });
    ada = await Browser.signedUp(app);
  });
  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });

  const add = async (browser: Browser, docId: string, text: string): Promise<string> => {
    const body = { doc_id: docId, text, wait_ms: 60_000 };
    const response = await browser.post('/rag/add_document', { body });
    expect([response.status, response.text]).toEqual([200, expect.any(String)]);
    expect(response.body).toMatchObject({ status: 'added', id: docId, indexed: 'full' });
    return (response.body as { document_id: string }).document_id;
  };
  const query = async (browser: Browser, text: string, mode = 'hybrid'): Promise<Hit[]> => {
    const response = await browser.post('/rag/rag_query', { body: { query: text, n_results: 5, mode } });
    expect(response.status).toBe(200);
    expect(response.body.retrieval).toMatchObject({ degraded: [] });
    return response.body.results as Hit[];
  };

  test('is in strict mode on the vector store of this round', () => {
    expect(app.settings).toMatchObject({ strict: true, embedded: false, vectorStore });
  });

  test('finds a document by words and by meaning, keeps it from others, and forgets it', async () => {
    const id = await add(ada, 'bridge', BRIDGE);
    await add(ada, 'bakery', BAKERY);

    const byWords = await query(ada, 'Othmar Kessler', 'lexical');
    expect(byWords.map((hit) => hit.id)).toEqual(['bridge']);
    const byMeaning = await query(ada, 'How long is the viaduct?', 'dense');
    expect(byMeaning.map((hit) => hit.id)).toEqual(['bridge', 'bakery']);
    expect(byMeaning[0]?.distance).toBeLessThan(byMeaning[1]?.distance ?? 0);
    expect((await query(ada, 'How long is the Kessler bridge?'))[0]).toMatchObject({
      id: 'bridge',
      document_id: id,
      text: BRIDGE,
    });

    const bob = await Browser.signedUp(app);
    expect(await query(bob, 'How long is the Kessler bridge?')).toEqual([]);
    expect((await bob.get(`/documents/${id}`)).status).toBe(404);
    expect((await bob.delete(`/documents/${id}`)).status).toBe(404);

    expect((await ada.delete(`/documents/${id}`)).status).toBe(202);
    expect((await ada.get(`/documents/${id}`)).status).toBe(404);
    for (const mode of ['lexical', 'dense', 'hybrid'])
      expect((await query(ada, 'Kessler bridge', mode)).map((hit) => hit.id)).not.toContain('bridge');
  });

  test('answers with the new text only once a document was replaced', async () => {
    await add(ada, 'timetable', 'The first tram leaves the depot at five in the morning.');
    await add(ada, 'timetable', 'The first tram leaves the depot at six in the morning.');
    const texts = (await query(ada, 'When does the first tram leave?'))
      .filter((hit) => hit.id === 'timetable')
      .map((hit) => hit.text);
    expect(texts).toEqual(['The first tram leaves the depot at six in the morning.']);
  });

  test('quotes the passage that answers', async () => {
    await add(ada, 'tower', 'The water tower of Linden is 61 metres high and was painted blue in 1974.');
    const response = await ada.post('/rag/ask', {
      body: { question: 'How high is the water tower of Linden?' },
    });
    expect(response.status).toBe(200);
    expect(response.body.supported).toBe(true);
    expect(response.body.citations[0]).toMatchObject({ doc_id: 'tower', verified: true });
    expect(response.body.citations[0].quote).toContain('61 metres');
  });

  test('is described by the committed OpenAPI document', () => {
    const read = (text: string): OpenAPIObject => JSON.parse(text) as OpenAPIObject;
    const served = read(JSON.stringify(buildOpenApi(app.app, '')));
    const committed = read(fs.readFileSync(path.join(root, 'docs/openapi.json'), 'utf8'));
    committed.info.version = '';
    // The short lists first: their difference says more than that of two whole documents.
    expect(Object.keys(served.paths).toSorted()).toEqual(Object.keys(committed.paths).toSorted());
    expect(served).toEqual(committed);
  });
});
