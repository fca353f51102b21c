import { COURTESY, type Reading } from './languages.js';
import { isCapitalised, isFigure, isIdentifier, shapeOf, type Stems, wordsOf } from './words.js';

/** Content words that a question of its own has at least, where nothing tells what it names. */
const ENOUGH = 3;
/** The same where a language has no articles and the question is one by its question word. */
const ENOUGH_WITHOUT_ARTICLES = 2;
/** With so many, words that only point at something point at what the question says itself. */
const PLENTY = 4;
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]/u;

/**
 * How a question needs the one before it: not at all, by a word that stands for something said there, by asking of
 * nothing ("How many?"), or as a part that is no question ("And in 2023?", "The colour?").
 */
export type Dependence = 'none' | 'refers' | 'asks' | 'part';

/** @param before words of the question before: one that looks like another, "E27" after "E11", takes its place */
export function dependenceOf(
  question: string,
  reading: Reading,
  stemsOf: Stems,
  before: readonly string[] = [],
): Dependence {
  const said = withoutCourtesy(question);
  const [beginning = ''] = said.match(reading.beginnings) ?? [];
  const rest = said.slice(beginning.length);
  const own = contentWords(rest, stemsOf);
  const asks = reading.asks.test(rest);
  if (said !== question && own === 0 && !asks && beginning === '') return 'none';
  const pointing = reading.idle ? said.replace(reading.idle, ' ') : said;
  if (reading.pronouns.test(pointing)) return 'refers';
  if (own < PLENTY && reading.pointers.test(withoutRelative(pointing, stemsOf))) return 'refers';
  if (own >= ENOUGH && (asks || beginning === '')) return 'none';
  if (!asks && own > 0)
    return beginning === '' && isKeyword(rest, reading, stemsOf, before) ? 'none' : 'part';
  return beginning === '' && namesSomething(rest, own, reading, stemsOf) ? 'none' : 'asks';
}

export const withoutCourtesy = (question: string): string => question.replace(COURTESY, '');

export const shapesOf = (words: readonly string[]): ReadonlySet<string> =>
  new Set(words.flatMap((word) => shapeOf(word) ?? []));

/** A name or an identifier by itself, in which nothing but content words stand. */
function isKeyword(text: string, reading: Reading, stemsOf: Stems, before: readonly string[]): boolean {
  const words = wordsOf(text);
  const shapes = shapesOf(before);
  if (
    words.some((word) => shapes.has(shapeOf(word) ?? '')) ||
    words.some((word) => stemsOf(word).length === 0)
  )
    return false;
  return words.some(
    (word, i) => isIdentifier(word) || (i > 0 && !reading.capitalNouns && isCapitalised(word)),
  );
}

/** Whether a question says what it is about, apart from what it asks with. */
function namesSomething(question: string, own: number, reading: Reading, stemsOf: Stems): boolean {
  const rest = question.replace(reading.asking, ' ');
  const isContent = (word: string): boolean => stemsOf(word).length > 0 && !isFigure(word);
  const shouted = !/\p{Ll}/u.test(question);
  for (const word of wordsOf(rest)) {
    if (!isContent(word)) continue;
    if (!shouted && (isCapitalised(word) || isIdentifier(word))) return true;
    if (reading.bareNouns && !reading.verb?.test(word)) return true;
  }
  if (reading.named)
    return [...rest.matchAll(reading.named)].some(([, word = '']) => wordsOf(word).some(isContent));
  return !reading.capitalNouns && !reading.unspaced && own >= ENOUGH_WITHOUT_ARTICLES;
}

/** In "the book that won", that is the book. */
const withoutRelative = (question: string, stemsOf: Stems): string =>
  question.replace(/(?<![\p{L}\p{N}])([\p{L}\p{N}]+)\s+that\b/giu, (found, word: string) =>
    stemsOf(word).length > 0 ? word : found,
  );

export const contentWords = (question: string, stemsOf: Stems): number =>
  wordsOf(question).reduce((sum, word) => {
    const stems = stemsOf(word).length;
    return sum + (UNSPACED.test(word) ? stems : Math.min(1, stems));
  }, 0);
