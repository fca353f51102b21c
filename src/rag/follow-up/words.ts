/** Words of a question that say nothing about what it asks for. */
const SCAFFOLD = new Set(
  'what which who whom whose when where why how much many tell say explain describe give list show name kind type please mean means'.split(
    ' ',
  ),
);
const WORD = /[\p{L}\p{N}][\p{L}\p{M}\p{N}'’._&-]*/gu;
const AT_END = /['’._&-]{1,9}$/u;
/** Of a word, to tell what it looks like by. */
const TELLING = 64;
const CAPITALS = /\p{Lu}.*\p{Lu}|\p{Ll}\p{Lu}/u;
const CODE = /^(?:\p{L}.*|\p{Nd}+\p{Lu}.*)\p{Nd}|^\p{Nd}+\p{Lu}/u;
const QUARTER = /^[QH][1-4]$/iu;
const YEAR = /^(?:1[5-9]|20)\p{Nd}{2}$/u;
const FISCAL_YEAR = /^FY\p{Nd}{2,4}$/iu;

export type Stems = (text: string) => readonly string[];

export const wordsOf = (text: string): string[] =>
  (text.match(WORD) ?? []).filter((word) => !SCAFFOLD.has(word.toLowerCase()));

/** Looks of a term with digits, the same for those that one may stand in the place of another; undefined without. */
export function shapeOf(written: string): string | undefined {
  const word = written.slice(0, TELLING).replace(AT_END, '');
  if (!/\p{Nd}/u.test(word)) return undefined;
  if (QUARTER.test(word)) return 'quarter';
  if (YEAR.test(word) || FISCAL_YEAR.test(word)) return 'year';
  return word.replace(/\p{L}+/gu, 'a').replace(/\p{Nd}+/gu, '0');
}

/** A number or a period, which says when or how many but names nothing. */
export const isFigure = (word: string): boolean => {
  const shape = shapeOf(word);
  return shape !== undefined && (shape === 'quarter' || shape === 'year' || !shape.includes('a'));
};

/** E27, HX-350L, RTO, AT&T, iPhone. */
export const isIdentifier = (written: string): boolean => {
  const word = written.slice(0, TELLING);
  return (CAPITALS.test(word) || CODE.test(word)) && !isFigure(word);
};

export const isCapitalised = (word: string): boolean => /^\p{Lu}/u.test(word);

/** What a text names: words in capitals and, among these, what letters and digits name. Amounts name nothing. */
export interface Names {
  /** Nouns begin with a capital, too: names are those that stand side by side. */
  capitalNouns: boolean;
  /** Whether a thing may be meant; two of them are not meant at once. */
  things: boolean;
}

export function namesOf(text: string, { capitalNouns, things }: Names, stemsOf: Stems): string[] {
  const written = text.replace(/[\u2010\u2011]/g, '-');
  const found = [...written.matchAll(WORD)].map(({ 0: word, index }) => {
    const name = word.replace(AT_END, '');
    const hasDigits = /\p{Nd}/u.test(name);
    const isCode = hasDigits && isIdentifier(name);
    const tells =
      isCapitalised(name) && name.length > 1 && (isCode || !hasDigits) && stemsOf(name).length > 0;
    return { name, isCode, tells, start: index, end: index + name.length };
  });
  const codes = new Set(found.filter((one) => one.tells && one.isCode).map((one) => one.name));
  const isBeside = (one: number, other: number): boolean => {
    const [a, b] = [found[one], found[other]];
    return a?.tells === true && b?.tells === true && written.slice(a.end, b.start).trim() === '';
  };
  return found
    .filter(({ isCode, tells }, i) => {
      if (!tells || (isCode && !(things && codes.size === 1))) return false;
      return !capitalNouns || isCode || isBeside(i - 1, i) || isBeside(i, i + 1);
    })
    .map((one) => one.name);
}

const OWNER = /['’]s?$/u;

/** In "Acme Robotics' revenue in Q2", the owner and when: what it has is not what "its profit" asks of. */
export function withoutOwned(words: readonly string[]): string[] {
  const owner = words.findIndex((word) => OWNER.test(word));
  if (owner < 0) return [...words];
  return words.flatMap((word, i) =>
    i < owner || isFigure(word) ? [word] : i === owner ? [word.replace(OWNER, '')] : [],
  );
}
