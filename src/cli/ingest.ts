import { parseArgs } from 'node:util';
import { StartError } from '../config/config-error.js';
import { ACCOUNT_USAGE, clientFromEnvironment } from './account.js';
import { ApiError } from './client.js';
import { collectionOf } from './collection-of.js';
import { findFiles } from './ingest/find-files.js';
import { ingestFiles, type Failure, type IngestCounts } from './ingest/ingest-files.js';
import { runCommand } from './run-command.js';
import { StatusLine } from './status-line.js';

const EX_USAGE = 64;
const BAR = 20;
const USAGE = `usage: npm run ingest -- <folder | file | 'pattern'> [options]
  --collection <id or name>   where the files go; your personal collection by default
  --concurrency <n>           uploads at the same time (4)
Files are known by their path below the folder: run again, it uploads only what is new or changed.
${ACCOUNT_USAGE}`;

interface Arguments {
  wanted: string;
  collection: string | undefined;
  concurrency: number;
}

function readArguments(): Arguments | undefined {
  try {
    const option = { type: 'string' } as const;
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { collection: option, concurrency: option },
    });
    const [wanted, ...rest] = positionals;
    const concurrency = Number(values.concurrency ?? 4);
    if (wanted === undefined || rest.length > 0 || !(concurrency >= 1 && concurrency <= 64)) return undefined;
    return { wanted, collection: values.collection, concurrency: Math.floor(concurrency) };
  } catch {
    return undefined;
  }
}

function bar({ total, unchanged, ready, failed, uploaded }: IngestCounts): string {
  const done = ready + failed;
  const filled = total === 0 ? BAR : Math.floor((BAR * done) / total);
  return (
    `[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${done} of ${total} done, ` +
    `${uploaded} uploaded, ${unchanged} unchanged, ${failed} failed`
  );
}

/** What a file or the server put into it must not steer the terminal. */
// eslint-disable-next-line no-control-regex -- that is what is taken out
const plain = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');

function table(failures: readonly Failure[]): string {
  const rows = [
    ['file', 'code', 'what to do'],
    ...failures.map(({ name, code, detail }) => [name, code, detail]),
  ].map((row) => row.map(plain));
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n');
}

await runCommand(async () => {
  const args = readArguments();
  if (!args) {
    process.stderr.write(USAGE);
    return EX_USAGE;
  }
  const found = await findFiles(args.wanted);
  if (found.files.length + found.unreadable.length === 0)
    throw new StartError(`there are no files in ${args.wanted}`);
  const status = new StatusLine(process.stderr);
  try {
    const client = await clientFromEnvironment();
    const collectionId = await collectionOf(client, args.collection);
    const { counts, failures } = await ingestFiles(client, found, {
      collectionId,
      concurrency: args.concurrency,
      report: (now) => status.show('ingesting', bar(now)),
    });
    status.clear();
    process.stdout.write(
      `${counts.total} files: ${counts.uploaded} uploaded, ${counts.unchanged} unchanged; ${counts.ready} ready, ${counts.failed} failed\n`,
    );
    if (failures.length > 0) process.stdout.write(`\n${table(failures)}\n`);
    return failures.length > 0 ? 1 : 0;
  } catch (error) {
    status.clear();
    if (error instanceof ApiError) throw new StartError(error.message);
    if (error instanceof TypeError && error.message === 'fetch failed')
      throw new StartError('the server does not answer; API_URL says where it is');
    throw error;
  }
});
