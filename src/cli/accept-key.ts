import { loadSettings } from '../config/load-settings.js';
import { withDataSource } from '../database/data-source.js';
import { EncryptionKeyRepository } from '../database/encryption-key.repository.js';
import { packageVersion, runCommand } from './run-command.js';

const EX_USAGE = 64;
const USAGE = `usage: npm run key:accept
For when DATA_ENCRYPTION_KEY is lost: the next start takes the key that it has. Stop the server first.
`;

await runCommand(async () => {
  if (process.argv.length > 2) {
    process.stderr.write(USAGE);
    return EX_USAGE;
  }
  const settings = loadSettings(process.env, packageVersion());
  await withDataSource(settings, (source) => new EncryptionKeyRepository(source).forget());
  process.stdout.write('The next start takes the DATA_ENCRYPTION_KEY that it has.\n');
  process.stdout.write(
    'What is encrypted with another one cannot be read: second factors and webhooks have to be set up again.\n',
  );
  return 0;
});
