/** By ISO 639-1; every other language is taken to be written in Latin letters. */
const SCRIPTS: Readonly<Record<string, RegExp>> = {
  ar: /\p{scx=Arabic}/gu,
  be: /\p{scx=Cyrillic}/gu,
  bg: /\p{scx=Cyrillic}/gu,
  bn: /\p{scx=Bengali}/gu,
  el: /\p{scx=Greek}/gu,
  fa: /\p{scx=Arabic}/gu,
  he: /\p{scx=Hebrew}/gu,
  hi: /\p{scx=Devanagari}/gu,
  hy: /\p{scx=Armenian}/gu,
  ja: /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}]/gu,
  ka: /\p{scx=Georgian}/gu,
  ko: /\p{scx=Hangul}/gu,
  mk: /\p{scx=Cyrillic}/gu,
  mr: /\p{scx=Devanagari}/gu,
  ne: /\p{scx=Devanagari}/gu,
  ru: /\p{scx=Cyrillic}/gu,
  sr: /[\p{scx=Cyrillic}\p{scx=Latin}]/gu,
  ta: /\p{scx=Tamil}/gu,
  te: /\p{scx=Telugu}/gu,
  th: /\p{scx=Thai}/gu,
  uk: /\p{scx=Cyrillic}/gu,
  ur: /\p{scx=Arabic}/gu,
  zh: /\p{scx=Han}/gu,
};
const LATIN = /\p{scx=Latin}/gu;
const LETTERS = /\p{L}/gu;
const MOST = 2_000;
/** Words never decide alone: where none of them is found, meaning still puts the candidates in order. */
const MOST_WEIGHT = 0.95;

/**
 * The share of a text's letters, 0 to 1, that are of no script in which one of these languages is written. An
 * encoder has never seen such a text. Of a language in a script that it knows it still understands something: with an
 * English encoder German gains by its vote, Chinese and Hindi lose.
 */
export function foreignShare(text: string, languages: readonly string[] | undefined): number {
  if (languages === undefined) return 0;
  const letters = (text.slice(0, MOST).normalize('NFC').match(LETTERS) ?? []).join('');
  if (letters === '') return 0;
  let rest = letters;
  for (const script of new Set(languages.map((code) => SCRIPTS[code] ?? LATIN)))
    rest = rest.replace(script, '');
  return [...rest].length / [...letters].length;
}

/** The weight of words for a query of which an encoder cannot read this share. */
export const weightOfWords = (usual: number, foreign: number): number =>
  Math.max(usual, Math.min(MOST_WEIGHT, usual + (1 - usual) * foreign));
