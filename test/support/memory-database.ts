import { PGlite, type PGliteOptions } from '@electric-sql/pglite';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DataSource } from 'typeorm';
import { MIGRATIONS } from '../../src/database/data-source.js';
import { socketServer } from '../../src/database/embedded/socket-server.js';

export interface TestDatabase {
  dataSource: DataSource;
  stop(): Promise<void>;
}

/** A migrated embedded database in memory, reached by the same driver as in the product. */
export async function startMemoryDatabase(
  extensions: NonNullable<PGliteOptions['extensions']>,
  poolSize = 6,
): Promise<TestDatabase> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'database-'));
  const engine = await PGlite.create({ extensions });
  const server = socketServer(engine, {
    path: path.join(directory, '.s.PGSQL.5432'),
    maxConnections: 8,
  });
  await server.start();
  const dataSource = new DataSource({
    type: 'postgres',
    host: directory,
    username: 'postgres',
    database: 'postgres',
    poolSize,
    installExtensions: false,
    // Classes and not a pattern: TypeORM would import the files on behalf of whichever suite came first.
    migrations: MIGRATIONS,
  });
  await dataSource.initialize();
  await dataSource.runMigrations();
  return {
    dataSource,
    async stop() {
      await dataSource.destroy();
      await server.stop();
      await engine.close();
      fs.rmSync(directory, { recursive: true, force: true });
    },
  };
}
