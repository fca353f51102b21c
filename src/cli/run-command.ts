import fs from 'node:fs';
import path from 'node:path';
import { loggableError } from '../common/errors/loggable-error.js';
import { ConfigError, StartError } from '../config/config-error.js';

/** sysexits.h: something in the configuration. */
export const EX_CONFIG = 78;

export function packageVersion(): string {
  const file = path.resolve(import.meta.dirname, '../..', 'package.json');
  return (JSON.parse(fs.readFileSync(file, 'utf8')) as { version: string }).version;
}

/** Ends the process with one clear line for what the operator can mend, and a stack only for our own faults. */
export function exitWith(error: unknown): never {
  if (error instanceof ConfigError) {
    process.stderr.write(`configuration: ${error.message}\n`);
    process.exit(EX_CONFIG);
  }
  if (error instanceof StartError) {
    process.stderr.write(`cannot start: ${error.message}\n`);
    process.exit(1);
  }
  const { stack, message } = loggableError(error);
  process.stderr.write(`${stack ?? message}\n`);
  process.exit(1);
}

/** What nobody catches ends the process as before, but is not printed with the data that it carries. */
export function exitOnUncaught(): void {
  process.on('uncaughtException', exitWith);
}

/** Runs a command line's `main`, setting the exit code it returns. */
export async function runCommand(main: () => Promise<number | void>): Promise<void> {
  exitOnUncaught();
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    exitWith(error);
  }
}
