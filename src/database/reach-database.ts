import type { Settings } from '../config/settings.js';
import { dataSourceOptions, openDatabase, type OpenDatabase } from './data-source.js';
import { socketOfServer } from './embedded/online-backup.js';
import { prepareDatabase } from './prepare-database.js';

/**
 * The database of the server that runs, or else one that is opened for a command, with the schema of this version.
 * @throws StartError in one line
 */
export async function reachDatabase(settings: Settings): Promise<OpenDatabase> {
  const socketDir = settings.embedded ? await socketOfServer(settings.dataDir) : undefined;
  // Whoever runs has prepared it.
  if (socketDir !== undefined)
    return {
      options: { ...dataSourceOptions(settings, { socketDir }), poolSize: 1 },
      close: () => Promise.resolve(),
    };
  const database = await openDatabase(settings);
  try {
    await prepareDatabase(settings, database);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}
