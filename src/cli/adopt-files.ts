import path from 'node:path';
import { AppError } from '../common/errors/app-error.js';
import { StartError } from '../config/config-error.js';
import { loadSettings } from '../config/load-settings.js';
import type { Settings } from '../config/settings.js';
import { withDataSource } from '../database/data-source.js';
import { reachDatabase } from '../database/reach-database.js';
import { OwnershipRepository } from '../storage/ownership.repository.js';
import { openFileStore } from '../storage/storage.module.js';
import { SHARDS } from '../storage/storage.types.js';
import { packageVersion, runCommand } from './run-command.js';

const EX_USAGE = 64;
const USAGE = `usage: npm run files:adopt -- [--check]
Gives the file store to this database, whether the server runs or not: from then on, files that the database does not
know are removed from it. With --check it only says what is there.
`;

const nameOf = ({ fileStore, dataDir, s3Bucket, s3Prefix }: Settings): string =>
  fileStore === 'directory' ? path.join(dataDir, 'files') : `s3://${s3Bucket}/${s3Prefix}`;

async function adopt(settings: Settings, checkOnly: boolean): Promise<void> {
  const say = (line: string): boolean => process.stdout.write(`${line}\n`);
  const store = await openFileStore(settings);
  try {
    await withDataSource(
      settings,
      async (source) => {
        const repository = new OwnershipRepository(source);
        let [files, known] = [0, 0];
        for (const shard of SHARDS) {
          const keys: string[] = [];
          for await (const { key } of store.list(shard)) keys.push(key);
          files += keys.length;
          if (keys.length > 0) known += await repository.countKnown(keys);
        }
        say(`${nameOf(settings)} holds ${files} files, and the database knows ${known} of them.`);
        say(`The database knows ${await repository.count()} files in all.`);
        const { id } = await repository.installation();
        const mark = await store.mark();
        if (mark === id) {
          say('The store is that of this database already.');
          return;
        }
        say(
          mark === undefined ? 'The store has no mark.' : 'The store is marked as that of another database.',
        );
        if (checkOnly) return;
        await store.setMark(id);
        await repository.claimFiles();
        say(
          `It is that of this database now. The ${files - known} files that nobody knows are removed from it.`,
        );
      },
      reachDatabase,
    );
  } catch (error) {
    if (error instanceof AppError) throw new StartError(error.detail);
    throw error;
  } finally {
    store.close();
  }
}

await runCommand(async () => {
  const [flag, ...rest] = process.argv.slice(2);
  if (rest.length > 0 || (flag !== undefined && flag !== '--check')) {
    process.stderr.write(USAGE);
    return EX_USAGE;
  }
  await adopt(loadSettings(process.env, packageVersion()), flag === '--check');
  return 0;
});
