import type { AnswerPassage } from '../../../answer.types.js';
import { isAcronym, readWords, type Word } from './name-words.js';

export type NameTest = (word: Word) => boolean;

/** Little words that are as short have no capital in titles. */
const SHORT = 3;
const COMMANDS =
  /^(?:please|pls|plz|hello|hi|hey|dear|thanks|ok|okay|help|need|urgent|asap|fyi|note|btw|faq|re|fwd?|aw|wg|show|summari[sz]e|compare|define|provide|calculate|count|identify|search|check)$/;

/**
 * A capital at the beginning of a question tells nothing: its first word is a name where it is an acronym, or where the
 * passages never have it in small letters, and with a capital within a sentence or before what ends a name.
 * @param endsName as legal forms do
 */
export const nameTestOf =
  (passages: readonly AnswerPassage[], endsName: (word: string) => boolean): NameTest =>
  (word) => {
    if (!word.isCapital || COMMANDS.test(word.folded)) return false;
    // "ASAP: who …?" calls nobody.
    if (isAcronym(word.text) && word.isNext) return true;
    const lines = passages
      .flatMap(({ text, title, headings = [] }) => [...text.split('\n'), title ?? '', ...headings])
      .filter((line) => line.toLowerCase().includes(word.text.toLowerCase()));
    let isName = false;
    for (const words of lines.map(readWords))
      for (const found of words) {
        if (found.folded !== word.folded) continue;
        if (!found.isCapital) return false;
        const next = words[found.index + 1];
        const isWithin =
          !found.opens && words.some((other) => /^\p{Ll}/u.test(other.text) && other.text.length > SHORT);
        isName ||= isWithin || (found.isNext && next?.isCapital === true && endsName(next.folded));
      }
    return isName;
  };
