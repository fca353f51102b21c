import { parseArgs } from 'node:util';
import { StartError } from '../config/config-error.js';
import { RETRIEVAL_MODES, type RetrievalMode } from '../rag/retrieval.types.js';
import { ApiClient, ApiError } from './client.js';
import { readCollection, type TestCollection } from './eval/collection.js';
import { percentile } from '../common/search/ranking-quality.js';
import { compareRuns } from '../evaluation/compare.js';
import { readRun, writeRun } from './eval/run-file.js';
import { askAll, ingest, type IngestFigures, type QueryFigures } from './eval/run-eval.js';
import { LocalServer } from './local-server.js';
import { runCommand } from './run-command.js';
import { StatusLine } from './status-line.js';

const EX_USAGE = 64;
const EX_INTERRUPTED = 130;
const USAGE = `usage: npm run eval -- <folder> [options]
  <folder>              corpus.jsonl, queries.jsonl and qrels.tsv
  --mode <mode>         hybrid (default), dense or lexical; several with commas
  --limit <n>           a part of the collection with this many documents
  --url <address>       a running server; without it one is started for this and removed again
  --output <file>       writes figures and ranking of each query, one line of JSON each
  --baseline <file>     compares with what --output wrote before, with a paired significance test
  --email, --password   how to sign in there; EVAL_PASSWORD keeps a password out of the process list
`;

interface Arguments {
  folder: string;
  modes: RetrievalMode[];
  limit: number;
  url: string | undefined;
  email: string | undefined;
  password: string | undefined;
  output: string | undefined;
  baseline: string | undefined;
}

function readArguments(): Arguments | undefined {
  try {
    const option = { type: 'string' } as const;
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: {
        mode: option,
        limit: option,
        url: option,
        email: option,
        password: option,
        output: option,
        baseline: option,
      },
    });
    const names = (values.mode ?? 'hybrid').split(',');
    const modes = RETRIEVAL_MODES.filter((mode) => names.includes(mode));
    const limit = Number(values.limit ?? Infinity);
    const [folder, ...rest] = positionals;
    const password = values.password ?? process.env['EVAL_PASSWORD'];
    if (folder === undefined || rest.length > 0 || modes.length !== names.length || !(limit > 0))
      return undefined;
    if (values.url !== undefined && (values.email === undefined || password === undefined)) return undefined;
    const { email, output, baseline } = values;
    const url = values.url?.replace(/\/+$/, '');
    return { folder, modes, limit, url, email, password, output, baseline };
  } catch {
    return undefined;
  }
}

/** Runs `work` against the given server, or one of its own that is gone afterwards. */
async function withServer<T>(
  { url, email, password }: Arguments,
  status: StatusLine,
  work: (client: ApiClient) => Promise<T>,
): Promise<T> {
  if (url !== undefined) {
    const client = new ApiClient(url);
    await client.signIn({ email: email ?? '', password: password ?? '' });
    return work(client);
  }
  const server = new LocalServer();
  try {
    status.show('starting a server');
    await server.start();
    return await work(await server.client());
  } finally {
    await server.close();
  }
}

async function measure(
  client: ApiClient,
  collection: TestCollection,
  modes: readonly RetrievalMode[],
  status: StatusLine,
): Promise<{ ingested: IngestFigures; asked: QueryFigures[] }> {
  const report = (step: string, detail: string): void => status.show(step, detail);
  const { id: collectionId } = await client.createCollection(`Evaluation of ${collection.name}`);
  try {
    const probe = await client.query({ query: 'encoder', collection_ids: [collectionId] });
    const wanted = probe.retrieval.degraded.length > 0 ? 'lexical' : 'full';
    const ingested = await ingest(client, collection, { collectionId, wanted, report });
    const asked: QueryFigures[] = [];
    for (const mode of modes) asked.push(await askAll(client, collection, { collectionId, mode, report }));
    return { ingested, asked };
  } finally {
    await client.removeCollection(collectionId);
  }
}

function print(
  collection: TestCollection,
  { ingested, asked }: Awaited<ReturnType<typeof measure>>,
  pauses: number,
): void {
  const say = (line: string): boolean => process.stdout.write(`${line}\n`);
  const rate = (seconds: number): string => (ingested.documents / seconds).toFixed(1);
  say(
    `${collection.name}: ${ingested.documents} documents, ${collection.queries.length} queries` +
      (collection.empty ? `; ${collection.empty} empty documents left out` : ''),
  );
  say(
    `accepted ${rate(ingested.acceptedSeconds)} documents/s, fully indexed ${rate(ingested.seconds)} documents/s`,
  );
  for (const figures of asked) {
    const ms = (p: number): string => percentile(figures.milliseconds, p).toFixed(1);
    say(
      `${figures.mode.padEnd(7)} nDCG@10 ${figures.ndcg10.toFixed(4)}  Recall@10 ${figures.recall10.toFixed(4)}  Recall@100 ${figures.recall100.toFixed(4)}  ` +
        `MRR@10 ${figures.mrr10.toFixed(4)}  p50 ${ms(0.5)} ms  p99 ${ms(0.99)} ms  (${figures.queries} judged queries)`,
    );
    if (figures.degraded.length > 0) say(`        degraded: ${figures.degraded.join(', ')}`);
  }
  if (pauses > 0)
    say(`the server's rate limits paused this client ${pauses} times: the times above include that`);
}

async function printComparison(
  baseline: ReadonlyMap<string, ReadonlyMap<string, number>>,
  asked: readonly QueryFigures[],
): Promise<void> {
  for (const { mode, results } of asked) {
    const before = baseline.get(mode);
    if (!before) {
      process.stdout.write(`${mode}: the baseline has no such mode\n`);
      continue;
    }
    const after = new Map(results.map(({ query, ndcg10 }) => [query, ndcg10]));
    const figures = await compareRuns(before, after);
    const difference = figures.after - figures.before;
    process.stdout.write(
      `${mode}: nDCG@10 ${figures.before.toFixed(4)} → ${figures.after.toFixed(4)} ` +
        `(${difference < 0 ? '' : '+'}${difference.toFixed(4)}), ${figures.better} better, ${figures.worse} worse ` +
        `of ${figures.queries}, p = ${figures.p.toFixed(4)}\n`,
    );
  }
}

await runCommand(async () => {
  const args = readArguments();
  if (!args) {
    process.stderr.write(USAGE);
    return EX_USAGE;
  }
  // Ending by `exit` lets a server that was started here be killed with us.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => process.exit(EX_INTERRUPTED));
  const collection = readCollection(args.folder, args.limit);
  // Before the work: a wrong name must not cost an hour.
  const baseline = args.baseline === undefined ? undefined : readRun(args.baseline);
  const status = new StatusLine(process.stderr);
  try {
    const { figures, pauses } = await withServer(args, status, async (client) => ({
      figures: await measure(client, collection, args.modes, status),
      pauses: client.pauses,
    }));
    status.clear();
    print(collection, figures, pauses);
    if (args.output !== undefined) writeRun(args.output, figures.asked);
    if (baseline) await printComparison(baseline, figures.asked);
    return 0;
  } catch (error) {
    status.clear();
    if (error instanceof ApiError) throw new StartError(error.message);
    if (error instanceof TypeError && error.message === 'fetch failed')
      throw new StartError(`${args.url ?? 'the server'} does not answer`);
    throw error;
  }
});
