/** A word as it stands in a text. */
export interface Word {
  text: string;
  /** In small letters, without accents and the mark of a possessor. */
  folded: string;
  isCapital: boolean;
  /** A sentence or a cell begins with it. */
  opens: boolean;
  /** Nothing but a blank parts it from the next word. */
  isNext: boolean;
  /** Position among the words. */
  index: number;
}

const WORD = /[\p{L}\p{N}\p{M}]+(?:[.&'’-][\p{L}\p{N}\p{M}]+)*/gu;
const POSSESSOR = /['’]s?$/u;
const ACRONYM = /^\p{Lu}{2,6}$/u;
const DOTS = /^(?:\p{Lu}\.)+\p{Lu}$/u;
/** "Bureau of Investigation": words that initials leave out. */
const SMALL = 3;

export const folded = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(POSSESSOR, '');

const undotted = (text: string): string => (DOTS.test(text) ? text.replaceAll('.', '') : text);

export const isAcronym = (text: string): boolean => ACRONYM.test(undotted(text));

export function readWords(text: string): Word[] {
  const found = [...text.matchAll(WORD)];
  return found.map((match, index): Word => {
    const end = match.index + match[0].length;
    const next = found[index + 1];
    const before = found[index - 1];
    const gap = before ? text.slice(before.index + before[0].length, match.index) : '';
    const written = undotted(match[0].replace(POSSESSOR, ''));
    return {
      text: written,
      folded: folded(written),
      isCapital: /^\p{Lu}/u.test(written),
      opens: index === 0 || /[.?!:|\n]/u.test(gap),
      isNext: next !== undefined && text.slice(end, next.index) === ' ',
      index,
    };
  });
}

/** Whether words one after another begin with the letters: "chief financial officer" for `CFO`. */
export function spellsOut(acronym: string, words: readonly Word[]): boolean {
  const letters = folded(acronym);
  const begins = (some: readonly Word[]): boolean =>
    some.some((_, i) => {
      const run = some.slice(i, i + letters.length);
      return (
        run.length === letters.length &&
        run.every((word, n) => word.folded.length > 1 && word.folded[0] === letters[n])
      );
    });
  return letters.length > 1 && (begins(words) || begins(words.filter((word) => word.text.length > SMALL)));
}
