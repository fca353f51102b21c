import { exitOnUncaught, exitWith, packageVersion } from './cli/run-command.js';
import { loadSettings } from './config/load-settings.js';
import { keepCompiledCode, makePrivate } from './data-dir.js';

exitOnUncaught();
try {
  const settings = loadSettings(process.env, packageVersion());
  makePrivate(settings.dataDir);
  keepCompiledCode(settings.dataDir, process.env);
  const { openDatabase } = await import('./database/data-source.js');
  // The embedded database has a thread of its own: it starts while the application loads.
  const [database, { createApp }, { serve }] = await Promise.all([
    openDatabase(settings),
    import('./app.setup.js'),
    import('./serve.js'),
  ]);
  await serve(await createApp(settings, database), settings);
} catch (error) {
  exitWith(error);
}
