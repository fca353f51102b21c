import { describeWithShared } from '../support/shared.js';
import { Client } from './client.js';
import {
  eventually,
  migrate,
  newDatabase,
  startServer,
  vectorStore,
  type ServerDatabase,
  type ServerProcess,
} from './support.js';

const MINILM = 'all-MiniLM-L6-v2';
const BGE = 'bge-small-en-v1.5';
const NOTES = 240;

interface IndexState {
  encoder: string;
  encoder_state: string;
  vectors: number | null;
  chunks: number;
  waiting: number;
  previous_encoder: string | null;
  indexes: { id: string; model: string; state: string; kept: boolean }[];
  encoder_switch: { phase: string; progress: { done: number; total: number }; detail: string | null } | null;
}
interface Found {
  results: { id: string; distance: number | null }[];
  retrieval: { mode: string; degraded: string[] };
}

const note = (i: number): { doc_id: string; text: string } => ({
  doc_id: `note-${i}`,
  text: `Note number ${i} is about ${['penguins and krill', 'volcanoes and lava', 'violins and strings'][i % 3]}.`,
});

describeWithShared(
  `changing the encoder over several processes (${vectorStore})`,
  [`models/${MINILM}/config.json`, `models/${BGE}/config.json`],
  () => {
    let database: ServerDatabase;
    let api: ServerProcess;
    let worker: ServerProcess;
    let client: Client;

    beforeAll(async () => {
      database = await newDatabase();
      await migrate(database.env, 'run');
      api = await startServer({ ...database.env, PROCESS_ROLE: 'api' });
      worker = await startServer({ ...database.env, PROCESS_ROLE: 'worker' });
      client = await Client.of(api);
    });
    afterAll(async () => {
      await Promise.all([api?.stop(), worker?.stop()]);
      await database?.drop();
    });

    const index = async (): Promise<IndexState> => (await client.call<IndexState>('/admin/index')).body;
    const reach = (phase: string): Promise<IndexState> =>
      eventually(`the change is ${phase}`, 300, async () => {
        const state = await index();
        if (state.encoder_switch?.phase === 'failed') throw new Error(JSON.stringify(state.encoder_switch));
        return state.encoder_switch?.phase === phase ? state : undefined;
      });
    const settled = (): Promise<IndexState> =>
      eventually('every document has its vectors', 300, async () => {
        const state = await index();
        return state.waiting === 0 && state.vectors !== null && state.vectors >= state.chunks
          ? state
          : undefined;
      });
    const find = async (query: string, mode = 'dense', n_results = 5): Promise<Found> =>
      (await client.call<Found>('/rag/rag_query', { query, mode, n_results })).body;
    const add = (documents: object[]): Promise<unknown> =>
      client.call('/rag/add_documents', { documents, wait_ms: 0 });

    test('survives kill -9 of the worker, while documents come and go, and is followed by the API process', async () => {
      for (let i = 0; i < NOTES; i += 60) await add(Array.from({ length: 60 }, (_, j) => note(i + j)));
      await settled();
      const before = await find('penguins and krill', 'dense', 1);
      expect((await client.call('/admin/index', { encoder: BGE })).status).toBe(202);
      await eventually('the build has begun', 180, async () => {
        const { encoder_switch } = await index();
        return (encoder_switch?.progress.done ?? 0) > 0 || undefined;
      });
      await worker.kill();
      const left = await index();
      expect(left.encoder).toBe(MINILM);
      expect(await find('penguins and krill', 'dense', 1)).toEqual(
        expect.objectContaining({ results: before.results }),
      );
      await add([note(1000), { doc_id: 'note-1', text: 'Tax is due in spring.' }]);
      expect(await client.remove('/documents?doc_id=note-2')).toBeLessThan(300);
      worker = await startServer({ ...database.env, PROCESS_ROLE: 'worker' });
      const done = await reach('done');
      expect(done.indexes.find((one) => one.state === 'active')).toMatchObject({ model: BGE });
      await eventually('the API process has changed over', 120, async () => {
        const state = await index();
        return (state.encoder === BGE && state.encoder_state === 'ready') || undefined;
      });
      await settled();
      const after = await find('penguins and krill', 'dense', 1);
      expect(after.retrieval.degraded).toEqual([]);
      expect(after.results[0]!.distance).not.toBe(before.results[0]!.distance);
      expect((await find('note number 2', 'hybrid', 50)).results.map((one) => one.id)).not.toContain(
        'note-2',
      );
      expect((await find('When is tax due?')).results[0]!.id).toBe('note-1');
      expect((await find('note number 1000', 'hybrid')).results.map((one) => one.id)).toContain('note-1000');
    }, 1_500_000);

    test('goes back, and removes the old index on request', async () => {
      await add([note(2000)]);
      expect((await client.call('/admin/index/rollback', {})).status).toBe(202);
      await reach('done');
      await eventually('the API process has gone back', 120, async () => {
        const state = await index();
        return (state.encoder === MINILM && state.encoder_state === 'ready') || undefined;
      });
      const state = await settled();
      expect((await find('note number 2000', 'hybrid')).results.map((one) => one.id)).toContain('note-2000');
      const old = state.indexes.find((one) => one.kept);
      expect(old).toMatchObject({ model: BGE });
      expect(await client.remove(`/admin/index/${old!.id}`)).toBe(204);
      await eventually(
        'the old index is gone',
        60,
        async () => (await index()).indexes.length === 1 || undefined,
      );
      expect((await client.call<{ code: string }>('/admin/index/rollback', {})).body.code).toBe(
        'no_previous_encoder',
      );
    });
  },
);
