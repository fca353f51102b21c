import fs from 'node:fs';
import path from 'node:path';
import type { DataSource } from 'typeorm';
import { StartError } from '../config/config-error.js';
import { DataEncryption } from '../config/data-encryption.service.js';
import type { Settings } from '../config/settings.js';
import { connect } from './connect.js';
import { MIGRATIONS, type OpenDatabase } from './data-source.js';
import { EncryptionKeyRepository } from './encryption-key.repository.js';
import { copyNote } from './embedded/restoring.js';

const MIN_POSTGRES = 150_000;

/**
 * Brings the schema to where this version needs it. The embedded database is migrated here; on a server
 * migrations are a release step of their own, and a pending one keeps the process from starting.
 * @returns names of migrations that a newer version made and this one does not know
 * @throws StartError in one line when the database is unreachable, too old, or behind; ConfigError when its secrets are
 * encrypted with another key.
 */
export async function prepareDatabase(settings: Settings, database: OpenDatabase): Promise<string[]> {
  const source = await connect({ ...database.options, poolSize: 1 });
  try {
    const [version] = await source.query<{ n: number }[]>(
      `select current_setting('server_version_num')::int as n`,
    );
    if ((version?.n ?? 0) < MIN_POSTGRES) throw new StartError('PostgreSQL 15 or newer is needed');
    if (settings.embedded) {
      await source.runMigrations();
      await renameCopy(source, settings.dataDir);
    } else if (await source.showMigrations())
      throw new StartError(
        'a database migration is pending: run "npm run migration:run" (in the image: node dist/cli/migrate.js run) first',
      );
    await new EncryptionKeyRepository(source).require(new DataEncryption(settings));
    const made = await source.query<{ name: string }[]>('select name from schema_migrations order by id');
    const known = new Set(MIGRATIONS.map(({ name }) => name));
    return made.map(({ name }) => name).filter((name) => !known.has(name));
  } finally {
    await source.destroy();
  }
}

/** A database that was restored without its files is another one than the original. */
async function renameCopy(source: DataSource, dataDir: string): Promise<void> {
  const note = copyNote(path.join(dataDir, 'postgres'));
  if (!fs.existsSync(note)) return;
  await source.query('update installation set id = gen_random_uuid(), claims_files = false');
  fs.rmSync(note);
}
