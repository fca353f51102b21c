import { setTimeout as sleep } from 'node:timers/promises';
import { KillableServer } from '../support/killable-server.js';
import { describeWithShared } from '../support/shared.js';

const MINILM = 'all-MiniLM-L6-v2';
const BGE = 'bge-small-en-v1.5';
const NOTES = 200;

interface State {
  encoder: string;
  encoder_state: string;
  vectors: number;
  chunks: number;
  waiting: number;
  encoder_switch: { phase: string; progress: { done: number; total: number } } | null;
}

describeWithShared('kill -9 while the encoder is changed', [`models/${MINILM}`, `models/${BGE}`], () => {
  const server = new KillableServer();
  const state = (): Promise<State> => server.call('GET', '/admin/index');
  const until = async (what: string, holds: (state: State) => boolean): Promise<State> => {
    for (const end = Date.now() + 200_000; ; await sleep(100)) {
      const found = await state();
      if (holds(found)) return found;
      if (Date.now() > end) throw new Error(`not ${what}: ${JSON.stringify(found)}`);
    }
  };
  afterAll(() => server.close());

  it('goes on where it was, and nothing lacks or is left over', async () => {
    await server.start();
    await until('ready', ({ encoder_state }) => encoder_state === 'ready');
    const documents = Array.from({ length: NOTES }, (_, i) => ({
      doc_id: `note-${i}`,
      text: `Note number ${i} tells of ${['penguins', 'volcanoes', 'violins'][i % 3]} and of day ${i}.`,
    }));
    for (let i = 0; i < NOTES; i += 50)
      await server.call('POST', '/rag/add_documents', {
        documents: documents.slice(i, i + 50),
        wait_ms: 60_000,
      });
    await until('embedded', ({ vectors, chunks, waiting }) => waiting === 0 && vectors === chunks);
    await server.call('POST', '/admin/index', { encoder: BGE });
    const begun = await until('begun', (s) => (s.encoder_switch?.progress.done ?? 0) > 0);
    await server.kill();
    await server.start();
    // One is added, one replaced and one removed before the rest is built.
    await server.call('POST', '/rag/add_documents', {
      documents: [
        { doc_id: 'note-new', text: 'A lighthouse keeper counts ships.' },
        { doc_id: 'note-0', text: 'Tax is due in spring.' },
      ],
      wait_ms: 0,
    });
    await server.call('DELETE', '/documents?doc_id=note-1');
    const resumed = await state();
    if (resumed.encoder_switch?.phase === 'building')
      expect(resumed.encoder_switch.progress.done).toBeGreaterThanOrEqual(
        Math.min(begun.encoder_switch!.progress.done - 64, NOTES - 1),
      );
    await until('switched', (s) => s.encoder_switch?.phase === 'done' && s.encoder === BGE);
    await until('whole', (s) => s.waiting === 0 && s.vectors === s.chunks && s.encoder_state === 'ready');
    type Comparison = { id: string; status: string; report: Record<string, { found: number }> };
    let compared = await server.call<Comparison>('POST', '/admin/index/reconcile', {});
    for (const end = Date.now() + 120_000; compared.status !== 'done' && Date.now() < end; await sleep(200))
      compared = await server.call<Comparison>('GET', `/admin/index/reconcile/${compared.id}`);
    expect(compared.report).toMatchObject({ orphan_vectors: { found: 0 }, missing_vectors: { found: 0 } });
    const found = (await server.call('POST', '/rag/rag_query', {
      query: 'When is tax due?',
      mode: 'dense',
      n_results: 100,
    })) as { results: { id: string }[] };
    expect(found.results[0]!.id).toBe('note-0');
    expect(found.results.map((one) => one.id)).not.toContain('note-1');
    expect(found.results).toHaveLength(100);

    // Once more in the short time before the other index answers.
    await server.call('POST', '/admin/index/rollback', {});
    await server.kill();
    await server.start();
    await until('back', (s) => s.encoder_switch?.phase === 'done' && s.encoder === MINILM);
    await until('whole', (s) => s.waiting === 0 && s.vectors === s.chunks);
  }, 800_000);
});
