/** Scripts with the languages that are written in them, by ISO 639-1; every other language is written in Latin letters. */
const WRITTEN: readonly (readonly [RegExp, string])[] = [
  [/\p{scx=Arabic}/gu, 'ar fa ks ps sd ug ur'],
  [/\p{scx=Armenian}/gu, 'hy'],
  [/\p{scx=Bengali}/gu, 'as bn'],
  [/\p{scx=Cyrillic}/gu, 'ab av ba be bg ce cu cv kk kv ky mk mn os ru tg tt uk'],
  [/[\p{scx=Arabic}\p{scx=Latin}]/gu, 'ku'],
  [/[\p{scx=Cyrillic}\p{scx=Latin}]/gu, 'sr uz'],
  [/\p{scx=Devanagari}/gu, 'bh hi mr ne sa'],
  [/\p{scx=Ethiopic}/gu, 'am ti'],
  [/\p{scx=Georgian}/gu, 'ka'],
  [/\p{scx=Greek}/gu, 'el'],
  [/\p{scx=Gujarati}/gu, 'gu'],
  [/[\p{scx=Arabic}\p{scx=Gurmukhi}]/gu, 'pa'],
  [/\p{scx=Han}/gu, 'zh'],
  [/[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}]/gu, 'ja'],
  [/\p{scx=Hangul}/gu, 'ko'],
  [/\p{scx=Hebrew}/gu, 'he yi'],
  [/\p{scx=Kannada}/gu, 'kn'],
  [/\p{scx=Khmer}/gu, 'km'],
  [/\p{scx=Lao}/gu, 'lo'],
  [/\p{scx=Malayalam}/gu, 'ml'],
  [/\p{scx=Myanmar}/gu, 'my'],
  [/\p{scx=Oriya}/gu, 'or'],
  [/\p{scx=Sinhala}/gu, 'si'],
  [/\p{scx=Tamil}/gu, 'ta'],
  [/\p{scx=Telugu}/gu, 'te'],
  [/\p{scx=Thaana}/gu, 'dv'],
  [/\p{scx=Thai}/gu, 'th'],
  [/\p{scx=Tibetan}/gu, 'bo dz'],
  [/\p{scx=Yi}/gu, 'ii'],
];
const SCRIPTS: ReadonlyMap<string, RegExp> = new Map(
  WRITTEN.flatMap(([script, languages]) =>
    languages.split(' ').map((language) => [language, script] as const),
  ),
);
const LATIN = /\p{scx=Latin}/gu;
const LETTERS = /\p{L}/gu;
const LATIN_WORD = /[\p{scx=Latin}\p{M}]+/gu;
const ASCII = /^[\s -~]*$/;
const ASCII_WORD = /[a-z]+/gi;
const MOST = 2_000;
/** Words never decide alone: where none of them is found, meaning still puts the candidates in order. */
const MOST_WEIGHT = 0.95;

/**
 * Letters that one token of BERT's English vocabulary covers: 4.4 in English prose and above 3.2 in nearly every English
 * question that was measured, 2.5 to 2.8 in German, Spanish, Turkish or Vietnamese, 1.2 where words are spelt.
 */
const READ = 3.2;
const SPELT = 1.5;
/** Says nothing yet: a name or two. */
const FEW_LETTERS = 12;

/** Counts the encoder's tokens of a text. */
export type CountTokens = (text: string) => number;

/**
 * The share of a text, 0 to 1, that an encoder for these languages cannot read: its letters of a script in which none of
 * them is written, and what its vocabulary has to spell of the others (`count`, where it is known). An encoder has never
 * seen the former; of a language in a script that it knows it still understands something, and less the more its words
 * fall apart.
 */
export function foreignShare(
  text: string,
  languages: readonly string[] | undefined,
  count?: CountTokens,
): number {
  if (languages === undefined) return 0;
  const scripts = new Set(languages.map((code) => SCRIPTS.get(code) ?? LATIN));
  const seen = text.slice(0, MOST).normalize('NFC');
  // Most questions: their letters are all Latin, and told from others without a look at each.
  if (scripts.has(LATIN) && ASCII.test(seen))
    return count ? speltShare(seen.match(ASCII_WORD) ?? [], count) : 0;
  const letters = lettersOf(seen);
  if (letters === '') return 0;
  let rest = letters;
  for (const script of scripts) rest = rest.replace(script, '');
  const foreign = [...rest].length / [...letters].length;
  if (!count || !scripts.has(LATIN)) return foreign;
  return foreign + (1 - foreign) * speltShare(seen.match(LATIN_WORD) ?? [], count);
}

const lettersOf = (text: string): string => (text.match(LETTERS) ?? []).join('');

/** How far these words of Latin letters fall apart, 0 to 1. */
function speltShare(words: readonly string[], count: CountTokens): number {
  const text = words.join(' ');
  const letters = ASCII.test(text) ? text.length - Math.max(0, words.length - 1) : lettersOf(text).length;
  if (letters < FEW_LETTERS) return 0;
  const covered = letters / Math.max(1, count(text));
  return Math.min(1, Math.max(0, (READ - covered) / (READ - SPELT)));
}

/** The weight of words for a query of which an encoder cannot read this share. */
export const weightOfWords = (usual: number, foreign: number): number =>
  Math.max(usual, Math.min(MOST_WEIGHT, usual + (1 - usual) * foreign));
