/** Shorter names occur in ordinary words. */
const MIN_NAME = 4;
/** What has to remain once names or runs are taken out. */
const MIN_REST = 8;
const ROWS = ['abcdefghijklmnopqrstuvwxyz', '01234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm'];
/** Up and down, over the edge. */
const SEQUENCES = ROWS.flatMap((row) => [row + row, [...(row + row)].toReversed().join('')]);
const MIN_RUN = 4;

const lettersAndDigits = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/** What is left of a text when runs such as `aaaa`, `abcdef` and `98765` count as one character each. */
function withoutRuns(text: string): number {
  const characters = [...text];
  let rest = 0;
  for (let start = 0; start < characters.length; rest++) {
    let end = start + 1;
    while (end < characters.length && isRun(characters.slice(start, end + 1))) end++;
    start = end - start >= MIN_RUN ? end : start + 1;
  }
  return rest;
}

function isRun(characters: readonly string[]): boolean {
  if (characters.every((character) => character === characters[0])) return true;
  const run = characters.join('');
  return SEQUENCES.some((sequence) => sequence.includes(run));
}

/** Length of the shortest text of which this one is a repetition, with a cut one at the end. */
function period(text: string): number {
  const characters = [...text];
  // The failure function of Knuth, Morris and Pratt: linear, also for 1,024 times the same letter.
  const border = [0];
  for (let i = 1, length = 0; i < characters.length; i++) {
    while (length > 0 && characters[i] !== characters[length]) length = border[length - 1]!;
    if (characters[i] === characters[length]) length++;
    border.push(length);
  }
  return characters.length - (border.at(-1) ?? 0);
}

/**
 * Why a long password is still easy to guess: little is left of it besides repetitions and sequences, or besides
 * the names that an attacker knows. A long one that merely contains such a part is fine.
 */
export function predictability(
  password: string,
  names: readonly string[],
): 'pattern' | 'context' | undefined {
  const lower = password.normalize('NFKC').toLowerCase();
  if (new Set(lower).size < 4 || period(lower) < Math.min(MIN_REST, [...lower].length)) return 'pattern';
  if (withoutRuns(lower) < MIN_REST) return 'pattern';
  let rest = lettersAndDigits(password);
  const whole = rest.length;
  // Longest first: an address before the name in front of its @.
  const known = names
    .map(lettersAndDigits)
    .filter((name) => name.length >= MIN_NAME)
    .sort((a, b) => b.length - a.length);
  for (const name of known) rest = rest.replaceAll(name, ' ');
  const left = rest.replaceAll(' ', '').length;
  return left < whole && left < MIN_REST ? 'context' : undefined;
}
