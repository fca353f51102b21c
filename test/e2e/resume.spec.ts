import { setTimeout as sleep } from 'node:timers/promises';
import { KillableServer } from '../support/killable-server.js';
import { describeWithShared } from '../support/shared.js';

const MODEL = 'all-MiniLM-L6-v2';
/** What may be on its way to the index when the process ends: two lanes of 32 passages. */
const IN_FLIGHT = 64;
const CHAPTERS = 500;

interface Shown {
  id: string;
  status: string;
  indexed: string;
  sha256: string;
  progress: { done: number; total: number; unit: string };
}

describeWithShared('kill -9 while a long document is embedded', [`models/${MODEL}`], () => {
  const server = new KillableServer();
  afterAll(() => server.close());

  it('goes on with the passage where it stopped, and neither reads nor embeds the others again', async () => {
    await server.start();
    const filler =
      'The harbour master writes down each ship, its cargo and the hour at which it came. '.repeat(10);
    const book = Array.from(
      { length: CHAPTERS },
      (_, i) => `Day ${i}\n\n${filler} On day ${i} the ship number ${i * 7919} left.`,
    ).join('\n\n');
    const form = new FormData();
    form.set('file', new Blob([book], { type: 'text/plain' }), 'journal.txt');
    const { documents } = await server.call<{ documents: Shown[] }>('POST', '/documents', form);
    const route = `/documents/${documents[0]!.id}`;
    const shown = (): Promise<Shown> => server.call<Shown>('GET', route);

    let least = 0;
    for (let round = 0; round < 2; round++) {
      for (const end = Date.now() + 240_000; ; await sleep(50)) {
        const now = await shown();
        // From the first look after each start on: nothing that was done is done again.
        expect(now.progress.unit === 'passages' ? now.progress.done : least).toBeGreaterThanOrEqual(least);
        if (now.status === 'embedding' && now.progress.done >= least + 2 * IN_FLIGHT) {
          expect(now.progress.total - now.progress.done).toBeGreaterThan(IN_FLIGHT);
          least = now.progress.done;
          break;
        }
        if (now.status === 'ready' || Date.now() > end) throw new Error(`too late: ${JSON.stringify(now)}`);
      }
      await server.kill();
      await server.start();
      const after = await shown();
      expect(['embedding', 'ready']).toContain(after.status);
      expect(after.progress.done).toBeGreaterThanOrEqual(least);
    }
    // Found by words all the while.
    const words = await server.call<{ results: unknown[] }>('POST', '/rag/rag_query', {
      query: `ship number ${7919 * (CHAPTERS - 1)}`,
      mode: 'lexical',
    });
    expect(words.results.length).toBeGreaterThan(0);
    for (const end = Date.now() + 240_000; (await shown()).indexed !== 'full'; await sleep(200))
      if (Date.now() > end) throw new Error(`not whole: ${JSON.stringify(await shown())}`);
    const { progress, status } = await shown();
    expect([status, progress.done]).toEqual(['ready', progress.total]);
    type Comparison = { id: string; status: string; report: Record<string, { found: number }> };
    let compared = await server.call<Comparison>('POST', '/admin/index/reconcile', {});
    for (const end = Date.now() + 120_000; compared.status !== 'done' && Date.now() < end; await sleep(200))
      compared = await server.call<Comparison>('GET', `/admin/index/reconcile/${compared.id}`);
    expect(compared.report).toMatchObject({ orphan_vectors: { found: 0 }, missing_vectors: { found: 0 } });
    const index = await server.call<{ vectors: number; chunks: number }>('GET', '/admin/index');
    expect(index.vectors).toBe(progress.total);
  }, 700_000);
});
