import path from 'node:path';
import { runNode } from '../support/node-process.js';
import { describeWithShared, sharedDir } from '../support/shared.js';

/** One round of the benchmark of the same name; it fails with the id of what was lost, torn or doubled. */
const crashRound = (env: Record<string, string>): Promise<string> => {
  const run = runNode('bench/run.mjs', ['crash'], {
    BENCH_ROUNDS: '1',
    BENCH_DEPLOYMENT: 'embedded',
    ...env,
  });
  return run.ended.then((code) => `${run.output()}\nexit code ${code}`);
};

const SURVIVED = /rounds of kill -9 survived\s+1\b[^]*each there once and found\s+[1-9]\d*\n[^]*exit code 0$/;

describe('kill -9 while documents are added', () => {
  it('keeps every acknowledged document, once, and finds it', async () => {
    expect(await crashRound({ BENCH_MODEL: 'off' })).toMatch(SURVIVED);
  });
});

describeWithShared('kill -9 while documents are embedded', ['models/all-MiniLM-L6-v2'], () => {
  it('fills in their vectors afterwards', async () => {
    expect(await crashRound({ MODELS_DIR: path.join(sharedDir, 'models') })).toMatch(SURVIVED);
  });
});
