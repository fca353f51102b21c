import { DEFAULT_LANGUAGE, stemsOf } from './analyser.js';
import { NAMES_IN_CAPITALS } from './tokens.js';

/**
 * Stop words that a query has to hold of a language, beyond those it holds of English, to be in it. One alone may be a word
 * of another language ("die hard", "war in Iraq"); English ones hardly ever are.
 */
const TELLING = 2;
const NONE: ReadonlySet<string> = new Set();

/**
 * Words that a query holds for its grammar's sake, by the language whose stop words it holds most of. In texts of another
 * language they are no stop words but terms, and rare ones: one Spanish text among thousands in English would be found
 * for its "of" and "the" by nearly every question. Where it may as well be English, only what English leaves out too: a
 * word too many does less harm than one too few. None where nothing else is asked for.
 * @param languages of the index, and English
 */
export function emptyWords(tokens: readonly string[], languages: readonly string[]): ReadonlySet<string> {
  if (languages.length < 2) return NONE;
  const distinct = new Set(tokens);
  const words = withoutNames(distinct);
  const isStopWord = (code: string, word: string): boolean => stemsOf(code).term(word) === '';
  const counts = languages.map((code) => words.filter((word) => isStopWord(code, word)).length);
  const most = Math.max(...counts);
  const own = languages.filter((_, i) => counts[i] === most);
  if (most - (counts[languages.indexOf(DEFAULT_LANGUAGE)] ?? 0) < TELLING) own.push(DEFAULT_LANGUAGE);
  const empty = words.filter((word) => own.every((code) => isStopWord(code, word)));
  return empty.length < distinct.size ? new Set(empty) : NONE;
}

/** A name in capitals is no grammar, and neither are its small letters, which it comes with. */
function withoutNames(tokens: ReadonlySet<string>): string[] {
  const names = [...NAMES_IN_CAPITALS].filter((name) => tokens.has(name));
  const left = new Set(names.flatMap((name) => [name, name.toLowerCase()]));
  return [...tokens].filter((token) => !left.has(token));
}
