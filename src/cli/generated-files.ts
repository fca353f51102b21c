import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** A file of the repository that a command writes; `path` is relative to the repository. */
export interface GeneratedFile {
  path: string;
  content: string;
}

/**
 * Writes the files, or with `--check` on the command line compares them with what is committed.
 * @returns the exit code: 1 when a checked file is stale.
 */
export function writeOrCheck(files: readonly GeneratedFile[], command: string): number {
  const check = process.argv.includes('--check');
  let stale = 0;
  for (const file of files) {
    const target = path.join(root, file.path);
    const present = fs.existsSync(target) ? fs.readFileSync(target, 'utf8') : undefined;
    if (present === file.content) continue;
    if (check) {
      stale += 1;
      process.stderr.write(`${file.path} is stale: run "${command}" and commit it\n`);
    } else {
      fs.mkdirSync(path.dirname(target), { recursive: true });
      fs.writeFileSync(target, file.content);
      process.stdout.write(`wrote ${file.path}\n`);
    }
  }
  return stale > 0 ? 1 : 0;
}
