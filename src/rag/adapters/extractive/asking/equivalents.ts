import type { Analyse } from '../../../analyse.types.js';
import type { Identifier } from './identifiers.js';
import { isAcronym, readWords, spellsOut, type Word } from './name-words.js';

/** Terms of a question that a text may hold in other words. */
export interface Equivalent {
  terms: readonly string[];
  held: (text: string) => boolean;
}

const MOST_WORDS = 60;
const LONGEST = 6;

/** Identifiers however they are spaced, acronyms for their words and words for their acronym. */
export function equivalentsOf(
  question: string,
  identifiers: readonly Identifier[],
  analyse: Analyse,
  language?: string,
): Equivalent[] {
  const words = readWords(question).slice(0, MOST_WORDS);
  // Where all is in capitals they tell nothing.
  const shouts = words.every((word) => !/\p{Ll}/u.test(word.text));
  return [
    ...identifiers.map(({ text, held }) => ({
      terms: analyse(text, language),
      held: (said: string): boolean => held.test(said.normalize('NFKC')),
    })),
    ...(shouts ? [] : words.filter((word) => isAcronym(word.text)))
      .filter((word) => word.text.length > 2)
      .map(({ text }) => ({
        terms: analyse(text, language),
        held: (said: string): boolean => spellsOut(text, readWords(said)),
      })),
    ...runs(words).map((run) => {
      const acronym = run.map((word) => word.folded[0]).join('');
      const written = new RegExp(String.raw`(?<![\p{L}\p{N}])${acronym.toUpperCase()}(?![\p{L}\p{N}])`, 'u');
      return {
        terms: analyse(run.map((word) => word.text).join(' '), language),
        held: (said: string): boolean => written.test(said),
      };
    }),
  ];
}

/** Three words or more, one after another, that an acronym may stand for. */
function runs(words: readonly Word[]): Word[][] {
  const found: Word[][] = [];
  for (let from = 0; from < words.length; from++)
    for (let length = 3; length <= LONGEST; length++) {
      const run = words.slice(from, from + length);
      if (run.length < length || run.slice(0, -1).some((word) => !word.isNext)) break;
      if (run.every((word) => /^[a-z]{2,}$/.test(word.folded))) found.push(run);
    }
  return found;
}
