import fs from 'node:fs';
import path from 'node:path';

let known: ReadonlySet<string> | undefined;

/** Read when the first new password is chosen: most processes never need it. */
function commonPasswords(): ReadonlySet<string> {
  if (known) return known;
  const file = path.join(import.meta.dirname, 'common-passwords.txt');
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  known = new Set(lines.filter((line) => line !== '' && !line.startsWith('# ')));
  return known;
}

/** Also with digits and signs put in front or behind, which attackers' tools do first. */
export function isCommonPassword(password: string): boolean {
  const lower = password.toLowerCase();
  const word = lower.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  return commonPasswords().has(lower) || commonPasswords().has(word);
}
