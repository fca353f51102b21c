import path from 'node:path';
import { loadLocations } from '../config/load-settings.js';
import { reasonOf } from './backup/format.js';
import { makeBackup } from './backup/make-backup.js';
import { packageVersion, runCommand } from './run-command.js';
import { StatusLine } from './status-line.js';

const EX_USAGE = 64;
const EX_INTERRUPTED = 130;
const USAGE = `usage: npm run backup -- [file.tar.gz]
Writes database, files and secrets of DATA_DIR into one file, while the server runs or not.
`;

const ON_A_SERVER = `with DATABASE_URL the database is backed up by its own means, for example
  1. copy the files:              rsync -a DATA_DIR/files/ backup/files/
  2. then the database:           pg_dump --format=custom --file=backup/database.dump "$DATABASE_URL"
  3. then the files once more:    rsync -a DATA_DIR/files/ backup/files/     (without --delete)
and keep the secrets of the environment, DATA_ENCRYPTION_KEY above all, apart from it.
With S3_BUCKET, copy or version the bucket instead of the folder, in the same order.
`;

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

function defaultName(): string {
  return `ai-backend-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}Z.tar.gz`;
}

await runCommand(async () => {
  const [wanted, ...rest] = process.argv.slice(2);
  if (rest.length > 0 || wanted?.startsWith('-')) {
    process.stderr.write(USAGE);
    return EX_USAGE;
  }
  const locations = loadLocations(process.env);
  if (!locations.embedded) {
    process.stderr.write(ON_A_SERVER);
    return 1;
  }
  const target = path.resolve(wanted ?? defaultName());
  const status = new StatusLine(process.stderr);
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  try {
    const { files, bytes } = await makeBackup(locations, {
      target,
      version: packageVersion(),
      report: (step, count, size) => status.show(`backing up ${step}`, `${count} files, ${megabytes(size)}`),
      signal: stop.signal,
    });
    status.clear();
    process.stdout.write(`${target}: database, secrets and ${files} files, ${megabytes(bytes)}\n`);
    process.stdout.write('It holds secrets and everybody’s documents: keep it as you would keep those.\n');
    if (locations.fileStore !== 'directory')
      process.stdout.write('Files are in S3_BUCKET and not in it: back up the bucket as well, after this.\n');
    if (locations.secretsFromEnvironment.length > 0)
      process.stdout.write(
        `Not in it, because the environment gives them: ${locations.secretsFromEnvironment.join(', ')}\n`,
      );
    return 0;
  } catch (error) {
    status.clear();
    if (stop.signal.aborted) return EX_INTERRUPTED;
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    process.stderr.write(`no backup was made: ${reason}\n`);
    return 1;
  }
});
