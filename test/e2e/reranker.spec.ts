import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import { newDataDir, startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { writeTinyCrossEncoder } from '../support/tiny-cross-encoder.js';

/** It prefers what a search by words cannot tell apart. */
const WEIGHTS = { tides: 1, harbour: 1, granite: 50 };
const documents = ['plain', 'second', 'granite', 'fourth'].map((doc_id) => ({
  doc_id,
  text: `The harbour has tides; the ${doc_id} one has tides of its own, in the harbour.`,
}));
const query = 'tides harbour harbour tides tides granite?';

describe('the reranker', () => {
  async function withApp(
    env: Record<string, string>,
    work: (user: Browser, app: TestApp) => Promise<void>,
  ): Promise<void> {
    const DATA_DIR = newDataDir();
    writeTinyCrossEncoder(path.join(DATA_DIR, 'models'), 'tiny', WEIGHTS);
    const app = await startTestApp({ DATA_DIR, RERANKER_MODEL: 'tiny', ...env });
    try {
      const user = await Browser.signedUp(app);
      await user.post('/rag/add_documents', { body: { documents } });
      await work(user, app);
    } finally {
      await app.close();
    }
  }
  const ask = async (user: Browser, body: object = {}) =>
    (await user.post('/rag/rag_query', { body: { query, n_results: 4, ...body } })).body as {
      results: { id: string; score: number; text: string }[];
      retrieval: { degraded: string[] };
    };
  const untilReady = async (user: Browser): Promise<Awaited<ReturnType<typeof ask>>> => {
    for (const until = Date.now() + 120_000; ; await sleep(100)) {
      const found = await ask(user);
      if (!found.retrieval.degraded.some((code) => code.startsWith('reranker_'))) return found;
      if (Date.now() > until) throw new Error(JSON.stringify(found.retrieval));
    }
  };

  it('puts the best candidates into its order, for passages and for documents', async () => {
    await withApp({ RERANKER_TIMEOUT: '20s', RERANKER_CPU: '100' }, async (user, app) => {
      const { results } = await untilReady(user);
      expect(results.map((result) => result.id)[0]).toBe('granite');
      expect(results).toHaveLength(4);
      expect(results.every(({ score }, i) => i === 0 || score <= results[i - 1]!.score)).toBe(true);
      expect(results[0]).not.toHaveProperty('exact');
      // One of four is asked for, and it is the best of all.
      expect((await ask(user, { n_results: 1 })).results.map(({ id }) => id)).toEqual(['granite']);
      expect((await ask(user, { group_by: 'document', n_results: 1 })).results[0]?.id).toBe('granite');
      const admin = await new Browser(app, app.admin).signedIn();
      const parts = await admin.get('/health/ready');
      expect(parts.body.parts.reranker).toEqual({ status: 'up', detail: null });
    });
  });

  it('is skipped and declared where it is not there, and the service is ready all the same', async () => {
    await withApp({ RERANKER_MODEL: 'not-installed' }, async (user, app) => {
      const { results, retrieval } = await ask(user);
      expect(results).toHaveLength(4);
      expect(retrieval.degraded).toContain('reranker_unavailable');
      const asked = await user.post('/rag/ask', { body: { question: 'Which harbour has tides?' } });
      expect(asked.status).toBe(200);
      expect(asked.body.retrieval.degraded).toContain('reranker_unavailable');
      const admin = await new Browser(app, app.admin).signedIn();
      expect((await admin.get('/health/ready')).body.parts.reranker.status).toBe('degraded');
    });
  });

  it('is skipped and declared where it would be late or has no computing time left', async () => {
    await withApp({ RERANKER_TIMEOUT: '10ms', RERANKER_CPU: '100' }, async (user) => {
      const long = { doc_id: 'long', text: 'The harbour has tides and granite. '.repeat(2000) };
      await user.post('/rag/add_document', { body: long });
      for (const until = Date.now() + 120_000; ; await sleep(100)) {
        const startedAt = performance.now();
        const { results, retrieval } = await ask(user, { n_results: 20 });
        expect(results.length).toBeGreaterThan(4);
        if (retrieval.degraded.includes('reranker_late')) break;
        if (Date.now() > until)
          throw new Error(`${performance.now() - startedAt} ms: ${retrieval.degraded.join()}`);
      }
    });
  });

  it('is off by default', async () => {
    const app = await startTestApp();
    try {
      const user = await Browser.signedUp(app);
      await user.post('/rag/add_documents', { body: { documents } });
      expect((await ask(user)).retrieval.degraded).toEqual(['encoder_unavailable']);
    } finally {
      await app.close();
    }
  });
});
