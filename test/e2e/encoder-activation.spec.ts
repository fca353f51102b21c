import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { IndexBuilder } from '../../src/ingestion/index-build/index-builder.service.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { activeIndex, expectWhole, reach, uses } from '../support/encoder-switch.js';
import { FakeGemini } from '../support/fake-gemini.js';
import { describeWithShared, sharedDir } from '../support/shared.js';

const MINILM = 'all-MiniLM-L6-v2';

/** Nothing of it is in the text that answers it, so an encoder that knows words only cannot find that. */
const BY_MEANING = { query: 'feline animal resting', relevant: [{ doc_id: 'sofa' }] };
const SOFA =
  'The cat naps on our sofa all afternoon, wrapped in her blanket, purring while rain drums outside.';
const BY_WORDS = { query: 'invoice number 7', relevant: [{ doc_id: 'invoice-7' }] };

describeWithShared('when the new encoder is to answer', [`models/${MINILM}/config.json`], () => {
  let fake: FakeGemini;
  let app: TestApp;
  let admin: Browser;
  let encoder: string;

  beforeAll(async () => {
    fake = await FakeGemini.start();
    encoder = `gemini:${fake.model}`;
    app = await startTestApp({
      MODELS_DIR: `${sharedDir}/models`,
      // With few, words of the query and of the text that answers it fall on one number.
      GEMINI_EMBEDDING_DIMENSIONS: '1536',
      GOOGLE_API_KEY: fake.key,
      GEMINI_BASE_URL: fake.url,
      LLM: 'none',
    });
    admin = await new Browser(app, app.admin).signedIn();
    await uses(admin, MINILM);
    const invoices = Array.from({ length: 30 }, (_, i) => ({
      doc_id: `invoice-${i}`,
      text: `Invoice number ${i} is due within ${i + 10} days of delivery.`,
    }));
    const documents = [...invoices, { doc_id: 'sofa', text: SOFA }];
    const added = await admin.post('/rag/add_documents', { body: { documents, wait_ms: 60_000 } });
    expect(added.status).toBe(200);
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(async () => {
    await app?.close();
    await fake?.stop();
  });

  const change = (body: object): ReturnType<Browser['post']> => admin.post('/admin/index', { body });

  it('waits for the administrator where it is worse on the sample', async () => {
    const sample = { queries: [BY_MEANING] };
    expect((await change({ encoder, activate: 'if_not_worse', sample })).status).toBe(202);
    const ready = await reach(admin, 'ready');
    const { before, after, worse } = ready.comparison as Record<string, { ndcg10: number }>;
    expect([before?.ndcg10 === 1, after!.ndcg10 < 1, worse]).toEqual([true, true, 1]);
    // Nobody asked for more, so nothing more happens.
    await sleep(2_000);
    expect(await reach(admin, 'ready')).toEqual(ready);
    expect((await activeIndex(admin)).model).toBe(MINILM);
    await admin.post('/admin/index/cancel');
  });

  it('takes over by itself where it is not worse on the sample', async () => {
    const sample = { queries: [BY_WORDS] };
    expect((await change({ encoder, activate: 'if_not_worse', sample })).status).toBe(202);
    const done = await reach(admin, 'done');
    expect(done.comparison).toMatchObject({ before: { ndcg10: 1 }, after: { ndcg10: 1 }, worse: 0 });
    await uses(admin, encoder);
  });

  it('takes over while documents never cease to come, and lacks none of them', async () => {
    let coming = 0;
    const come = async (): Promise<void> => {
      const documents = [{ doc_id: `late-${coming++}`, text: `A letter that came late, number ${coming}.` }];
      await admin.post('/rag/add_documents', { body: { documents, wait_ms: 0 } });
      if (coming % 3 === 0) await admin.delete(`/documents?doc_id=late-${coming - 2}`);
    };
    // In front of each look for what lacks one more has come: there is always something.
    const builder = app.app.get(IndexBuilder);
    for (const step of ['pass', 'verify', 'catchUp'] as const) {
      const real = builder[step].bind(builder) as (...given: unknown[]) => Promise<never>;
      jest.spyOn(builder, step).mockImplementation(async (...given: unknown[]) => {
        await come();
        return real(...given);
      });
    }
    expect((await admin.post('/admin/index/rollback')).status).toBe(202);
    await reach(admin, 'done');
    expect(coming).toBeGreaterThan(4);
    await uses(admin, MINILM);
    for (const until = Date.now() + 120_000; Date.now() < until; await sleep(100))
      if ((await admin.get('/admin/index')).body.waiting === 0) break;
    await expectWhole(app, (await activeIndex(admin)).id);
    const { body } = await admin.get('/documents?limit=100');
    expect(body.items.every((one: { indexed: string }) => one.indexed === 'full')).toBe(true);
  });
});
