import type { Worker } from 'node:worker_threads';
import { TransformersEmbedder } from '../../src/embeddings/adapters/transformers/transformers.embedder.js';
import { embedderContract } from './embedder.contract.js';
import { cosine, describeWithModels, modelNamed, sharedModelDir } from './embedder.models.js';

const MINILM = 'all-MiniLM-L6-v2';
const load = (name: string, workers: number): Promise<TransformersEmbedder> =>
  TransformersEmbedder.load({ modelDir: sharedModelDir(name), model: modelNamed(name), workers });

/** A message that the thread's code trips over: an uncaught exception ends it. Resolves when it is gone. */
async function crashFirstThread(embedder: TransformersEmbedder): Promise<void> {
  const { pool } = embedder as unknown as { pool: { first: { worker: Worker } } };
  const { worker } = pool.first;
  const gone = new Promise((resolve) => worker.once('exit', resolve));
  worker.postMessage(null);
  await gone;
}
const passagesOf = (count: number): string[] =>
  Array.from(
    { length: count },
    (_, i) => `Passage ${i}. ${'Lift and drag of a thin wing in supersonic flow. '.repeat(8)}`,
  );

for (const name of [MINILM, 'bge-small-en-v1.5'])
  describeWithModels(`${name} through transformers.js`, [name], () => {
    const { similarities, tolerance } = modelNamed(name);
    // 8-bit activations are scaled over the whole batch, so a text differs a little between batches.
    embedderContract({ create: () => load(name, 2), similarities, tolerance, batchTolerance: 0.02 });
  });

describeWithModels('encoder threads', [MINILM], () => {
  let embedder: TransformersEmbedder;
  beforeEach(async () => {
    embedder = await load(MINILM, 2);
  });
  afterEach(async () => {
    await embedder.close();
  });

  it('answers queries during a bulk of passages long before it is done', async () => {
    const begunAt = performance.now();
    let bulkTook = 0;
    const bulk = embedder
      .embed(passagesOf(500), { kind: 'passage' })
      .finally(() => (bulkTook = performance.now() - begunAt));
    const waits: number[] = [];
    for (let i = 0; i < 20; i++) {
      const startedAt = performance.now();
      await embedder.embed([`what is drag ${i}`], { kind: 'query' });
      waits.push(performance.now() - startedAt);
    }
    expect(bulkTook).toBe(0);
    expect(await bulk).toHaveLength(500);
    // A query waits for one run of passages, not for the bulk: how long that takes depends on the machine.
    expect(waits.toSorted((a, b) => a - b)[10]).toBeLessThan(bulkTook / 10);
  });

  it('has urgent passages before those that wait', async () => {
    let done = false;
    const bulk = embedder.embed(passagesOf(500), { kind: 'passage' }).finally(() => (done = true));
    for (let i = 0; i < 5; i++)
      expect(
        await embedder.embed(['A wing lifts.', `It drags, too: ${i}.`], { kind: 'passage', urgent: true }),
      ).toHaveLength(2);
    expect(done).toBe(false);
    expect(await bulk).toHaveLength(500);
  });

  it('starts a second thread for bulk only', async () => {
    await embedder.embed(['one passage'], { kind: 'passage' });
    await embedder.embed(['one query'], { kind: 'query' });
    expect(embedder.threadIds()).toHaveLength(1);
    await embedder.embed(passagesOf(100), { kind: 'passage' });
    expect(embedder.threadIds()).toHaveLength(2);
  });

  it('repeats what a dying thread was doing on a new one', async () => {
    const [first] = embedder.threadIds();
    const vectors = embedder.embed(passagesOf(20), { kind: 'passage' });
    const query = embedder.embed(['what is lift'], { kind: 'query' });
    await crashFirstThread(embedder);
    const [fresh] = await query;
    expect(await vectors).toHaveLength(20);
    expect(embedder.threadIds()).not.toContain(first);
    const [again] = await embedder.embed(['what is lift'], { kind: 'query' });
    expect(cosine(fresh ?? new Float32Array(), again ?? new Float32Array())).toBeGreaterThan(0.99);
  });

  it('gives up on work that ended two threads', async () => {
    await embedder.close();
    // With a second thread that one might do the work before the next crash.
    embedder = await load(MINILM, 1);
    const work = embedder.embed(passagesOf(40), { kind: 'passage' });
    const outcome = expect(work).rejects.toMatchObject({ code: 'encoder_unavailable' });
    await crashFirstThread(embedder);
    // It is given to the new thread once that is up.
    await embedder.embed(['a query in between'], { kind: 'query' });
    await crashFirstThread(embedder);
    await outcome;
    // Others are served: the thread has been replaced again.
    expect(await embedder.embed(['a harmless one'], { kind: 'passage' })).toHaveLength(1);
  });

  it('fails what is under way when it is closed, and everything after', async () => {
    const work = embedder.embed(passagesOf(200), { kind: 'passage' });
    const outcome = expect(work).rejects.toMatchObject({ code: 'encoder_unavailable' });
    await embedder.close();
    await outcome;
    await expect(embedder.embed(['late'], { kind: 'query' })).rejects.toMatchObject({
      code: 'encoder_unavailable',
    });
  });

  it('refuses a model that gives other similarities than its manifest', async () => {
    const model = modelNamed(MINILM);
    const [known] = model.similarities;
    if (!known) throw new Error('the manifest has no similarities');
    const other = { ...model, similarities: [{ ...known, cosine: known.cosine - 0.3 }] };
    const loading = TransformersEmbedder.load({ modelDir: sharedModelDir(MINILM), model: other, workers: 1 });
    await expect(loading).rejects.toThrow(/have similarity 0\.6/);
  });
});
