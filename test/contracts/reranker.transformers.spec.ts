import fs from 'node:fs';
import path from 'node:path';
import { TransformersRerankerLoader } from '../../src/reranking/adapters/transformers/transformers-reranker.js';
import type { Reranker } from '../../src/reranking/reranker.port.js';
import { newDataDir } from '../support/app.js';
import { writeTinyCrossEncoder } from '../support/tiny-cross-encoder.js';

const WEIGHTS = { tea: 1, moon: 2, bridge: 4, opened: 8, when: 0 };
const soon = (ms = 60_000): number => performance.timeOrigin + performance.now() + ms;

describe('a cross-encoder by transformers.js', () => {
  const modelsDir = newDataDir();
  let reranker: Reranker;

  beforeAll(async () => {
    writeTinyCrossEncoder(modelsDir, 'tiny', WEIGHTS);
    reranker = await new TransformersRerankerLoader().load(
      { modelDir: path.join(modelsDir, 'tiny'), modelId: 'tiny' },
      () => undefined,
    );
  });
  afterAll(async () => {
    await reranker?.close();
    fs.rmSync(modelsDir, { recursive: true, force: true });
  });

  it('scores what question and passage have in common, in the order of the passages', async () => {
    const texts = ['Tea.', 'The bridge was OPENED in May; the bridge!', 'nothing', 'bridge', 'when'];
    const { scores, computeMs } = await reranker.score('When was the bridge opened?', texts, {
      deadline: soon(),
    });
    expect(scores).toEqual([0, 12, 0, 4, 0]);
    expect(computeMs).toBeGreaterThan(0);
  });

  it('gives each pair the same score however it is batched', async () => {
    const texts = Array.from(
      { length: 60 },
      (_, i) => `${'word '.repeat((i * 37) % 200)}bridge ${i % 2 ? 'opened' : ''}`,
    );
    const { scores } = await reranker.score('bridge opened', texts, { deadline: soon() });
    expect(scores).toEqual(texts.map((_, i) => (i % 2 ? 12 : 4)));
  });

  it('reads as much of a long passage as the model does, and survives odd texts', async () => {
    const texts = [`bridge ${'x '.repeat(100_000)}`, '', '\u0000\ud800 🙂', `${'y '.repeat(5000)} bridge`];
    const { scores } = await reranker.score('bridge', texts, { deadline: soon() });
    expect(scores).toEqual([4, 0, 0, 0]);
  });

  it('gives up at the deadline, and goes on with the next question', async () => {
    const texts = Array.from({ length: 2000 }, () => 'bridge '.repeat(400));
    const startedAt = performance.now();
    const late = await reranker.score('bridge', texts, { deadline: soon(50) });
    expect(late.scores).toBeUndefined();
    expect(performance.now() - startedAt).toBeLessThan(30_000);
    expect((await reranker.score('tea', ['tea'], { deadline: soon(-1) })).scores).toBeUndefined();
    expect((await reranker.score('tea', ['tea'], { deadline: soon() })).scores).toEqual([1]);
  });

  it('is left by whoever does not wait any more', async () => {
    const gone = new AbortController();
    const texts = Array.from({ length: 2000 }, () => 'bridge '.repeat(400));
    const work = reranker.score('bridge', texts, { deadline: soon(), signal: gone.signal });
    gone.abort(new Error('left'));
    await expect(work).rejects.toThrow('left');
    await expect(reranker.score('bridge', texts, { deadline: soon(), signal: gone.signal })).rejects.toThrow(
      'left',
    );
    expect((await reranker.score('tea', ['tea'], { deadline: soon() })).scores).toEqual([1]);
  });

  it.each([
    ['a folder that is not there', 'absent', () => undefined],
    [
      'a file that is no model',
      'broken',
      (dir: string) => fs.writeFileSync(path.join(dir, 'onnx/model.onnx'), 'no'),
    ],
    [
      'a tokenizer that is cut off',
      'cut',
      (dir: string) => fs.writeFileSync(path.join(dir, 'tokenizer.json'), '{"a":'),
    ],
  ])('refuses %s', async (_what, name, damage) => {
    if (name !== 'absent') writeTinyCrossEncoder(modelsDir, name, WEIGHTS);
    damage(path.join(modelsDir, name));
    const loading = new TransformersRerankerLoader().load(
      { modelDir: path.join(modelsDir, name), modelId: name },
      () => undefined,
    );
    await expect(loading).rejects.toThrow(/\w/);
  });
});
