import { DEFAULT_LANGUAGE, stemsOf } from './analyser.js';

/**
 * Stop words of a language that tell that a query is in it. One alone may be a word of another language ("die hard", "war
 * crimes"); English ones hardly ever are.
 */
const TELLING = 2;
const NONE: ReadonlySet<string> = new Set();

/**
 * Words that a query holds for its grammar's sake, by the language whose stop words it holds most of. In texts of another
 * language they are no stop words but terms, and rare ones: one Spanish text among thousands in English would be found
 * for its "of" and "the" by nearly every question. None where nothing else is asked for.
 * @param languages of the index
 */
export function emptyWords(tokens: readonly string[], languages: readonly string[]): ReadonlySet<string> {
  if (languages.length < 2) return NONE;
  const words = [...new Set(tokens)];
  const isStopWord = (code: string, word: string): boolean => stemsOf(code).term(word) === '';
  const counts = languages.map((code) => words.filter((word) => isStopWord(code, word)).length);
  const most = Math.max(...counts);
  const own = languages.filter((_, i) => counts[i] === most);
  if (most === 0 || (most < TELLING && !own.includes(DEFAULT_LANGUAGE))) return NONE;
  const empty = words.filter((word) => own.every((code) => isStopWord(code, word)));
  return empty.length < words.length ? new Set(empty) : NONE;
}
