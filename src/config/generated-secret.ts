import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { ConfigError } from './config-error.js';

/** Whatever is generated has more characters than that; a file that a crash or a full disk left has fewer. */
const LEAST_CHARACTERS = 20;

/**
 * A secret that a file of the data directory holds, made on first use. It is there whole or not at all, also after a loss
 * of power, and of two starts at once both get the same.
 * @throws ConfigError when the file cannot be made, or holds no secret
 */
export function generatedSecret(file: string, make: () => string): string {
  const secret = readOrMake(file, make).trim();
  if (secret.length < LEAST_CHARACTERS)
    throw new ConfigError(
      `${file} is cut off: bring it back from a backup, or remove it to have another one made`,
    );
  return secret;
}

function readOrMake(file: string, make: () => string): string {
  try {
    if (!fs.existsSync(file)) {
      fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
      writeOnce(file, make());
    }
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`DATA_DIR cannot hold ${file}: ${(error as Error).message}`);
  }
}

/** A link fails where the file is there already, and nobody sees a half written one. */
function writeOnce(file: string, content: string): void {
  const draft = `${file}.${randomUUID()}`;
  try {
    fs.writeFileSync(draft, content, { flag: 'wx', mode: 0o600, flush: true });
    fs.linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    fs.rmSync(draft, { force: true });
  }
  syncFolder(path.dirname(file));
}

function syncFolder(folder: string): void {
  const handle = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}
