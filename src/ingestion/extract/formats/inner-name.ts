import { normaliseText } from '../normalise.js';

const LONGEST_NAME = 400;
// Marks that turn the reading direction can make `exe.txt` of `txt.exe`.
const INVISIBLE = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
const JUNK = /^(?:__MACOSX|\.DS_Store|Thumbs\.db|desktop\.ini)$|^\._/i;

/**
 * A name from inside an archive or a mail as it may be shown and stored: forward slashes, no drive, no way up, no
 * control characters, at most 400 code units.
 * @returns the empty string when nothing is left of it
 */
export function innerName(raw: string): string {
  const parts = normaliseText(raw.replaceAll('\0', ''))
    .replace(INVISIBLE, '')
    .replace(/[\t\n]+/g, ' ')
    .replaceAll('\\', '/')
    .split('/')
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== '.' && part !== '..' && !/^[a-z]:$/i.test(part));
  let name = parts.join('/');
  if (name.length > LONGEST_NAME) {
    const end = /\.[a-z\d]{1,8}$/i.exec(name)?.[0] ?? '';
    name = `${name.slice(0, LONGEST_NAME - end.length)}${end}`.toWellFormed();
  }
  return name;
}

/** What operating systems leave behind in archives. */
export const isJunk = (name: string): boolean => name.split('/').some((part) => JUNK.test(part));

/** Gives each name once: `a.txt`, `a (2).txt`, ... */
export class UniqueNames {
  private readonly taken = new Set<string>();

  take(wanted: string): string {
    let name = wanted;
    for (let n = 2; this.taken.has(name); n++) name = wanted.replace(/(\.[^./]*)?$/, ` (${n})$1`);
    this.taken.add(name);
    return name;
  }
}
