import fs from 'node:fs';
import path from 'node:path';

/** Full path of a program of the system; undefined where it is not installed. */
export function installed(name: string): string | undefined {
  return ['/usr/bin', '/bin', '/usr/local/bin']
    .map((dir) => path.join(dir, name))
    .find((file) => fs.existsSync(file));
}
