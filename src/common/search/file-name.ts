const ENDING = /(?<=[^./\\])(?:\.tar)?\.(?:[a-z][a-z0-9]{0,4}|7z)$/i;
const APART = String.raw`(?<![\p{L}\p{N}])`;
const ENDS = String.raw`(?![\p{L}\p{N}])`;
const YEAR = String.raw`((?:19|20)?\d\d)`;
/** Ways to write a quarter or half of a year, or a year of business: `2022Q2`, `2Q22`, `Q2FY23`, `Q2'23`, `FY22`. */
const PERIODS: readonly [RegExp, (...found: string[]) => string][] = [
  [
    new RegExp(`${APART}${YEAR}([QH])([1-4])${ENDS}`, 'giu'),
    (_, year, part, n) => `${part}${n} ${full(year)}`,
  ],
  [
    new RegExp(`${APART}([QH])([1-4])(?:FY|[_'’-](?!\\d\\d[-_ ]?[KQ]))?${YEAR}${ENDS}`, 'giu'),
    (_, part, n, year) => `${part}${n} ${full(year)}`,
  ],
  [
    new RegExp(`${APART}([1-4])([QH])(?:FY|[_'’-](?!\\d\\d[-_ ]?[KQ]))?${YEAR}${ENDS}`, 'giu'),
    (_, n, part, year) => `${part}${n} ${full(year)}`,
  ],
  [new RegExp(`${APART}([1-4])(Q)${ENDS}`, 'giu'), (_, n, part) => `${part}${n}`],
  [new RegExp(`${APART}(FY)[ _'’-]?${YEAR}${ENDS}`, 'giu'), (_, fiscal, year) => `${fiscal} ${full(year)}`],
];
/** Longer runs are encoded data, and no words. */
const LONGEST = 1_000;

const full = (year = ''): string => (year.length === 4 ? year : `${Number(year) < 70 ? 20 : 19}${year}`);

/** Whether this is a period and nothing else: it says when, and does not name a thing. */
export const isPeriod = (word: string): boolean =>
  PERIODS.some(([pattern]) => word.replace(pattern, '').trim() === '');

/** `AMD_2022Q2_10K.pdf` → `AMD_2022Q2_10K`. */
export const withoutEnding = (fileName: string): string => fileName.replace(ENDING, '');

/**
 * The words of a name apart, as a person would read it: at capitals inside a word, between letters and digits, at every
 * sign; `AMD_2022Q2_10K` → `AMD Q2 2022 10K`. One letter or two stay with their number: `10K`, `A4`, `2nd`.
 */
export function spacedName(name: string): string {
  let text = name.slice(0, LONGEST).toWellFormed().normalize('NFKC');
  for (const [pattern, written] of PERIODS) text = text.replace(pattern, written);
  return text
    .replace(/(\p{Ll})(?=\p{Lu})/gu, '$1 ')
    .replace(/(\p{Lu})(?=\p{Lu}\p{Ll}{2})/gu, '$1 ')
    .replace(/(\p{L}{2})(?=\p{N})/gu, '$1 ')
    .replace(/(\p{N}{3})(?=\p{L})/gu, '$1 ')
    .replace(/(\p{N})(?=\p{L}{3})/gu, '$1 ')
    .replace(/[^\p{L}\p{N}\p{M}+#]+/gu, ' ')
    .trim();
}

/** A file name as a person would say it, without its ending. */
export const spokenFileName = (fileName: string): string => spacedName(withoutEnding(fileName));

/** Whether a title is the name of a file: without spaces, of several words, with what names are put together by. */
export function isFileName(title: string): boolean {
  if (title.length > 255 || /\s/.test(title)) return false;
  const words = spokenFileName(title).split(' ').length;
  return words >= 2 && (title.includes('_') || ENDING.test(title) || (words >= 3 && /\d/.test(title)));
}

/** Names that say nothing: numbers that programs give. */
const GIVEN = /^(?:[0-9a-f]{8}(?: ?-?[0-9a-f]{4}){3} ?-?[0-9a-f]{12}|[0-9a-f]{16,})$/i;
const MOST_LETTERS = 120;

/**
 * What stands in front of each passage of a file: its name as one says it, and its title where that says more. An
 * encoder makes as good as nothing of `AMD_2022Q2_10K.pdf`.
 */
export function titleOfFile(title: string | null, fileName: string | null): string | null {
  const name = fileName === null || GIVEN.test(withoutEnding(fileName)) ? '' : spokenFileName(fileName);
  const said = name.slice(0, MOST_LETTERS).toWellFormed();
  if (title === null || title === fileName) return said || fileName;
  if (fileName === null) return isFileName(title) ? spokenFileName(title) : title;
  const words = new Set(spacedName(title).toLowerCase().split(' '));
  const isNew =
    said !== '' &&
    !said
      .toLowerCase()
      .split(' ')
      .every((word) => words.has(word));
  return isNew ? `${said}: ${title}` : title;
}
