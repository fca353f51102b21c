import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { StartError } from '../config/config-error.js';
import { loadSettings } from '../config/load-settings.js';
import type { Settings } from '../config/settings.js';
import { embeddingsOf } from '../embeddings/embeddings.module.js';
import type { EmbeddingsService } from '../embeddings/embeddings.service.js';
import { manifestFile } from '../embeddings/manifest.js';
import { loadTokenCounter } from '../embeddings/token-counter.js';
import { readCollection, type TestCollection } from './eval/collection.js';
import { meanQuality } from '../common/search/ranking-quality.js';
import { packageVersion, runCommand } from './run-command.js';
import { StatusLine } from './status-line.js';
import { OfflineSearch } from './weight/offline-search.js';
import { bestWeight, WEIGHTS, type Curve } from './weight/best-weight.js';

const EX_USAGE = 64;
const POLL_MS = 100;
const USAGE = `usage: npm run eval:weight -- <folder>... [options]
  <folder>          corpus.jsonl, queries.jsonl and qrels.tsv; the more unlike each other, the better
  --encoder <name>  another encoder than EMBEDDING_MODEL
  --limit <n>       a part of each collection with this many documents
`;

interface Arguments {
  folders: string[];
  encoder: string | undefined;
  limit: number;
}

function readArguments(): Arguments | undefined {
  try {
    const option = { type: 'string' } as const;
    const { positionals: folders, values } = parseArgs({
      allowPositionals: true,
      options: { encoder: option, limit: option },
    });
    const limit = Number(values.limit ?? Infinity);
    return folders.length > 0 && limit > 0 ? { folders, encoder: values.encoder, limit } : undefined;
  } catch {
    return undefined;
  }
}

/** The encoder, once it is ready. @throws StartError where it cannot be used */
async function open(settings: Settings): Promise<EmbeddingsService> {
  const embeddings = embeddingsOf(settings);
  embeddings.start();
  for (;;) {
    const state = embeddings.state();
    if (state.state === 'ready') return embeddings;
    if (state.state !== 'loading') {
      await embeddings.close();
      throw new StartError(state.detail);
    }
    await sleep(POLL_MS);
  }
}

async function measure(
  collection: TestCollection,
  embeddings: EmbeddingsService,
  status: StatusLine,
): Promise<Curve> {
  const search = await OfflineSearch.of(collection, {
    embeddings,
    count: await loadTokenCounter(embeddings.modelDir()),
    report: (step, done, total) => status.show(`${collection.name}: ${step}`, `${done} of ${total}`),
  });
  const ndcg: number[] = [];
  for (const weight of WEIGHTS) {
    status.show(collection.name, `asking with weight ${weight}`);
    ndcg.push(meanQuality(await search.rankings(weight), collection.judgements).ndcg10);
  }
  return { name: collection.name, ndcg };
}

function print(encoder: string, curves: readonly Curve[], file: string): void {
  const { weight, from, to } = bestWeight(curves);
  const say = (line: string): boolean => process.stdout.write(`${line}\n`);
  const cells = (values: readonly string[]): string => values.map((value) => value.padStart(12)).join('');
  say(`nDCG@10 with ${encoder} by the share of the words' vote`);
  say(cells(['weight', ...curves.map(({ name }) => name.slice(0, 11)), 'mean']));
  WEIGHTS.forEach((value, i) => {
    const row = curves.map((curve) => curve.ndcg[i] ?? 0);
    const mean = row.reduce((sum, one) => sum + one, 0) / row.length;
    say(
      cells([value.toFixed(2), ...[...row, mean].map((one) => one.toFixed(4))]) +
        (value === weight ? '  <' : ''),
    );
  });
  say(`best ${weight}; from ${from} to ${to} nothing loses more than 0.002 of the mean`);
  say(`in ${file}:`);
  say(JSON.stringify({ lexical_weight: weight }));
}

await runCommand(async () => {
  const args = readArguments();
  if (!args) {
    process.stderr.write(USAGE);
    return EX_USAGE;
  }
  const env = { ...process.env, MODEL_DOWNLOAD: 'off' };
  const chosen = args.encoder === undefined ? {} : { EMBEDDING_MODEL: args.encoder };
  const settings = loadSettings({ ...env, ...chosen }, packageVersion());
  const collections = args.folders.map((folder) => readCollection(folder, args.limit));
  const encoder = settings.embeddingModel;
  const embeddings = await open(settings);
  const status = new StatusLine(process.stderr);
  try {
    const curves: Curve[] = [];
    for (const collection of collections) curves.push(await measure(collection, embeddings, status));
    status.clear();
    print(encoder, curves, manifestFile(settings.modelsDir, encoder));
    return 0;
  } finally {
    status.clear();
    await embeddings.close();
  }
});
