import { loadSettings } from '../config/load-settings.js';
import {
  importModel,
  installModel,
  type InstalledModel,
  type InstallProgress,
} from '../embeddings/store/install-model.js';
import { ModelError } from '../embeddings/store/model-error.js';
import { packageVersion, runCommand } from './run-command.js';
import { progressPrinter } from './progress.js';

const USAGE = 'usage: models install [name] | models import <folder | .zip | .jar> [name]';
const EX_USAGE = 64;
const EX_INTERRUPTED = 130;

async function act(
  onProgress: (progress: InstallProgress) => void,
  signal: AbortSignal,
): Promise<InstalledModel | undefined> {
  const [action, ...rest] = process.argv.slice(2);
  const settings = loadSettings(process.env, packageVersion());
  if (action === 'install' && rest.length <= 1)
    return installModel(settings, { allowMaven: true, onProgress, signal }, rest[0]);
  const [from, name] = rest;
  if (action === 'import' && from && rest.length <= 2)
    return importModel(settings, from, { onProgress }, name);
  return undefined;
}

await runCommand(async () => {
  const printer = progressPrinter(process.stderr);
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  try {
    const done = await act(printer.report, stop.signal);
    printer.end();
    if (!done) {
      process.stderr.write(`${USAGE}\n`);
      return EX_USAGE;
    }
    const verb = done.source === 'installed' ? 'is already installed' : 'is installed';
    process.stdout.write(`${done.model.name} ${verb} in ${done.dir}\n`);
    return 0;
  } catch (error) {
    printer.end();
    if (stop.signal.aborted) return EX_INTERRUPTED;
    if (!(error instanceof ModelError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
});
