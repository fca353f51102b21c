import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DataSource, MigrationInterface } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import type { Client } from 'pg';
import type { Settings } from '../config/settings.js';
import { connect } from './connect.js';
import { ConnectionWatch } from './connection-watch.js';
import { EmbeddedDatabase, SOCKET_PORT } from './embedded/embedded-database.js';
import { endWhenSpent } from './spent-connections.js';

type MigrationClass = new () => MigrationInterface;

const base = path.resolve(import.meta.dirname, '..');

/** Compiled migrations; tests that run the sources use those of the last build. */
const MIGRATIONS_DIR = path.join(
  path.basename(base) === 'src' ? path.join(base, '../dist') : base,
  'migrations',
);

/**
 * Imported here and not by TypeORM from a pattern: its import belongs to no module, so a test runner that gives
 * each suite its own modules cannot serve it.
 */
export const MIGRATIONS: MigrationClass[] = (
  await Promise.all(
    fs
      .readdirSync(MIGRATIONS_DIR)
      .filter((file) => file.endsWith('.js'))
      .map(
        (file) =>
          import(pathToFileURL(path.join(MIGRATIONS_DIR, file)).href) as Promise<
            Record<string, MigrationClass>
          >,
      ),
  )
).flatMap((module) => Object.values(module));

/** Options of the one data source of a process, for the application and for commands alike. */
export function dataSourceOptions(
  settings: Settings,
  embedded: Pick<EmbeddedDatabase, 'socketDir'> | undefined,
): PostgresDataSourceOptions {
  const connection = embedded
    ? { host: embedded.socketDir, port: SOCKET_PORT, username: 'postgres', database: 'postgres' }
    : { url: settings.databaseUrl ?? '' };
  const watch = embedded ? undefined : new ConnectionWatch();
  const onConnect = async (client: Client): Promise<void> => {
    endWhenSpent(client);
    await watch?.add(client);
  };
  return {
    type: 'postgres',
    ...connection,
    applicationName: 'ai-backend',
    poolSize: settings.databasePoolSize,
    connectTimeoutMS: 10_000,
    // A peer that is gone without a word is noticed while nothing is asked of it, too.
    extra: { keepAlive: true, keepAliveInitialDelayMillis: 10_000, onConnect },
    synchronize: false,
    installExtensions: false,
    uuidExtension: 'pgcrypto',
    migrations: MIGRATIONS,
    migrationsTableName: 'schema_migrations',
    migrationsTransactionMode: 'each',
    logging: false,
    // A dropped connection is reported by the query that meets it; the pool must not end the process.
    poolErrorHandler: () => undefined,
  };
}

/** A database that is open: its data source is not connected yet, the embedded server is running. */
export interface OpenDatabase {
  options: PostgresDataSourceOptions;
  close(): Promise<void>;
}

export async function openDatabase(settings: Settings): Promise<OpenDatabase> {
  const embedded = settings.embedded ? await EmbeddedDatabase.start(settings) : undefined;
  return {
    options: dataSourceOptions(settings, embedded),
    close: async () => embedded?.stop(),
  };
}

/** Runs `work` with a connected data source and closes everything behind it: for commands. */
export async function withDataSource<T>(
  settings: Settings,
  work: (source: DataSource) => Promise<T>,
  open: (settings: Settings) => Promise<OpenDatabase> = openDatabase,
): Promise<T> {
  const database = await open(settings);
  try {
    const source = await connect(database.options);
    try {
      return await work(source);
    } finally {
      await source.destroy();
    }
  } finally {
    await database.close();
  }
}
