// Damaged copies of the files of SHARED_DIR, read in the sandbox: each has to end with a text or with a reason.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { damaged } from '../test/support/damage.ts';
import { formatOf, listFiles, makeExtractor, sharedFiles } from './lib/extraction.mjs';

const INPUTS = Number(process.env.BENCH_FUZZ_INPUTS ?? 2000);
const SEED = Number(process.env.BENCH_FUZZ_SEED ?? 1);
/** Damaged copies of larger files take long and find nothing that smaller ones do not. */
const LARGEST = 3_000_000;

export async function run({ status, limit }) {
  const files = listFiles().filter((name) => fs.statSync(path.join(sharedFiles, name)).size <= LARGEST);
  // Formats take turns, so that the many PDFs do not crowd out the one e-book.
  const formats = Map.groupBy(files, formatOf);
  const names = [...formats.keys()];
  const count = Math.min(INPUTS, limit);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fuzz-'));
  const kept = path.join(folder, 'input');
  const extractor = makeExtractor({ extractTimeout: 30 });
  const outcomes = new Map();
  const bad = [];
  const started = performance.now();
  try {
    for (let i = 0; i < count; i++) {
      const seed = SEED * 1_000_000 + i;
      const list = formats.get(names[i % names.length]);
      const name = list[Math.floor(i / names.length) % list.length];
      status.show('fuzz', `${i + 1} of ${count}`);
      fs.writeFileSync(kept, damaged(fs.readFileSync(path.join(sharedFiles, name)), seed));
      const result = await extractor
        .extract({ path: kept, fileName: path.basename(name), mime: '', folder: path.join(folder, 'parts') })
        .catch((error) => ({ ok: false, failure: { code: `threw ${error.message}` } }));
      fs.rmSync(path.join(folder, 'parts'), { recursive: true, force: true });
      const outcome = result.ok ? 'read' : result.failure.code;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (/^threw|document_failed|document_timeout/.test(outcome))
        bad.push(`${name} seed ${seed}: ${outcome}`);
    }
  } finally {
    extractor.onModuleDestroy();
    fs.rmSync(folder, { recursive: true, force: true });
  }
  status.clear();
  for (const line of bad) process.stdout.write(`  ${line}\n`);
  const untyped = [...outcomes].filter(([code]) => code.startsWith('threw')).reduce((n, [, c]) => n + c, 0);
  return [
    { figure: 'damaged files', value: count, ...(Number.isFinite(limit) ? {} : { wanted: { min: 2000 } }) },
    { figure: 'files a second', value: count / ((performance.now() - started) / 1000), unit: '/s' },
    { figure: 'without a reason', value: untyped, wanted: { max: 0 } },
    {
      figure: 'failed unexpectedly',
      value: outcomes.get('document_failed') ?? 0,
      wanted: { max: count / 100 },
    },
    ...[...outcomes].map(([code, n]) => ({ figure: code, value: n })),
  ];
}
