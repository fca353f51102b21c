// npm run bench [-- name ...]: measures what the project promises, and prints one table with ratios.
// `retrieval` is made of others and has limits of its own, so it runs only where it is named.
// SHARED_DIR holds the test collections and models (../shared), BENCH_LIMIT cuts collections to try things out.
import os from 'node:os';
import { parseArgs } from 'node:util';
import { Context } from './lib/context.mjs';
import { meets, printTable } from './lib/table.mjs';

const BENCHES = [
  'boot',
  'query',
  'lexical',
  'embed',
  'original',
  'quality',
  'answers',
  'retrieval',
  'ingest',
  'crash',
  'contention',
  'auth',
  'extract',
  'fuzz',
];
const EX_USAGE = 64;

function readNames() {
  try {
    const { positionals } = parseArgs({ allowPositionals: true });
    if (positionals.every((name) => BENCHES.includes(name))) return positionals;
  } catch {
    // An unknown option is answered as an unknown name is.
  }
  process.stderr.write(`usage: npm run bench [-- ${BENCHES.join(' | ')} ...]\n`);
  return process.exit(EX_USAGE);
}

const names = readNames();
const context = new Context();
// Ending by `exit` takes the servers along.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

process.stdout.write(
  `${os.cpus().length} processors (${os.cpus()[0]?.model ?? 'unknown'}), Node ${process.versions.node}, ` +
    `RATE_LIMITS=${context.rateLimits}${Number.isFinite(context.limit) ? `, cut to ${context.limit} documents: not comparable` : ''}\n`,
);
const rows = [];
let failed = false;
try {
  for (const bench of names.length > 0 ? names : BENCHES.filter((name) => name !== 'retrieval')) {
    const { run } = await import(`./${bench}.mjs`);
    try {
      rows.push(...(await run(context)).map((row) => ({ bench, ...row })));
      failed ||= rows.some((row) => row.failed);
    } catch (error) {
      // The others are still worth measuring.
      rows.push({ bench, figure: 'failed', value: error.message });
      failed = true;
    }
  }
} finally {
  context.status.clear();
  await context.close();
}
printTable(rows);
const missed = rows.filter(({ value, wanted }) => !meets(value, wanted));
// A cut collection says nothing about speed or quality.
process.exitCode = failed || (missed.length > 0 && !Number.isFinite(context.limit)) ? 1 : 0;
