import { createApp } from './app.setup.js';
import { exitOnUncaught, exitWith, packageVersion } from './cli/run-command.js';
import { loadSettings } from './config/load-settings.js';
import { serve } from './serve.js';

exitOnUncaught();
try {
  const settings = loadSettings(process.env, packageVersion());
  await serve(await createApp(settings), settings);
} catch (error) {
  exitWith(error);
}
