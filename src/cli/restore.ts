import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadLocations } from '../config/load-settings.js';
import { BackupError, reasonOf } from './backup/format.js';
import { checkBackup, restoreBackup } from './backup/restore-backup.js';
import { runCommand } from './run-command.js';
import { StatusLine } from './status-line.js';

const EX_USAGE = 64;
const USAGE = `usage: npm run restore -- <file.tar.gz> [--check]
Puts a backup into DATA_DIR, which has to be empty. With --check it is only read and verified.
`;

function readArguments(): { file: string; check: boolean } | undefined {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { check: { type: 'boolean' } },
    });
    const [file, ...rest] = positionals;
    return file === undefined || rest.length > 0
      ? undefined
      : { file: path.resolve(file), check: values.check ?? false };
  } catch {
    return undefined;
  }
}

await runCommand(async () => {
  const args = readArguments();
  if (!args) {
    process.stderr.write(USAGE);
    return EX_USAGE;
  }
  const status = new StatusLine(process.stderr);
  try {
    const locations = loadLocations(process.env);
    if (!locations.embedded && !args.check)
      throw new BackupError(
        'DATABASE_URL is set, and a backup is of the embedded database: use pg_restore, or unset it',
      );
    const report = (files: number): void =>
      status.show(args.check ? 'checking' : 'restoring', `${files} files`);
    const { head, end } = args.check
      ? await checkBackup(args.file, report)
      : await restoreBackup(locations, args.file, report);
    status.clear();
    const what = `the backup of ${head.created_at}, made by version ${head.version}, ${end.entries} entries`;
    process.stdout.write(
      args.check ? `${what}, is whole\n` : `${what}, is restored into ${locations.dataDir}\n`,
    );
    if (head.secrets_from_environment.length > 0)
      process.stdout.write(`Set these to what they were: ${head.secrets_from_environment.join(', ')}\n`);
    if (head.files === 'elsewhere')
      process.stdout.write(
        'Files of documents are not in it: S3_BUCKET has to hold them. They are only read until "npm run files:adopt" ' +
          '(in the image: node dist/cli/adopt-files.js) gives them to this database.\n',
      );
    return 0;
  } catch (error) {
    status.clear();
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    process.stderr.write(`${args.check ? 'not usable' : 'nothing was restored'}: ${reason}\n`);
    return 1;
  }
});
