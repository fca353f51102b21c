import type { Analyse } from '../../../analyse.types.js';
import { wholeWords } from './whole-words.js';

/** A numbered part of a document that a question asks about: `Art. 15`, `§ 7`, `clause 3.2`, `Section C`, `第3条`. */
export interface Reference {
  /** What the part is called without its number. */
  word: string;
  number: string;
  kind: Kind;
  /** What is asked beyond what the part says. */
  about: readonly string[];
  /** Another part is named as well. */
  isOneOfMany: boolean;
}

/** Numbers that lines begin with, as parts of one kind have them. */
export interface Kind {
  written: RegExp;
  /** Whether a number alone may be such a part's: `3.2 Late payments` is a clause, and no article. */
  isBare: boolean;
  asked: RegExp;
  /** The same as a text names them: `Articles 4 and 5`. */
  told: RegExp;
}

const BEGIN = String.raw`^[#*_\s>-]*`;
/** A letter stands apart: `Section C`, and not `ARTE`. */
const NUMBER = String.raw`(?:\s?(?=\d)|\s)(?<number>\d{1,3}(?:\.\d{1,3}){0,3}[a-z]?|[A-Z])(?![\p{L}\p{N}]|[.,-]\p{N})`;

function kindOf(words: string, isBare: boolean): Kind {
  const mark = String.raw`(?<word>${words})${NUMBER}`;
  return {
    written: new RegExp(BEGIN + mark, 'iu'),
    asked: new RegExp(String.raw`(?<![\p{L}\p{N}])${mark}`, 'giu'),
    told: new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${words})[ns]?${NUMBER}`, 'giu'),
    isBare,
  };
}

const HAN = String.raw`(?<word>第)\s?(?<number>\d{1,3})\s?[条條章節节款]`;
const KINDS: readonly Kind[] = [
  kindOf(String.raw`§{1,2}|Paragraf`, false),
  kindOf(String.raw`Art(?:\.|icle|ikel|ículo|icolo|igo)?`, false),
  kindOf(
    String.raw`Section|Sección|Seção|Clause|Chapter|Chapitre|Capítulo|Kapitel|Abschnitt|Ziff(?:\.|er)`,
    true,
  ),
  kindOf(String.raw`Schedule|Annexe?|Appendix|Anhang|Anlage|Anexo|Allegato`, false),
  kindOf(String.raw`Step|Schritt|Étape|Paso|Passo`, true),
  {
    written: new RegExp(BEGIN + HAN, 'u'),
    asked: new RegExp(HAN, 'gu'),
    told: new RegExp(HAN, 'gu'),
    isBare: false,
  },
];
/** A point tells the number of an item from one that counts; a heading needs none. */
const BARE = new RegExp(
  String.raw`${BEGIN}(?<number>\d{1,3}(?:\.\d{1,3}){1,3}|\d{1,3}(?=[.)]))[.)]?\s+(?=[^\s\d])`,
  'u',
);
const BARE_HEADING = new RegExp(
  String.raw`${BEGIN}(?<number>\d{1,3}(?:\.\d{1,3}){0,3})[.)]?\s+(?=\p{L})`,
  'u',
);

/** Words that ask what a part says. */
const SAYS = new RegExp(
  `${
    wholeWords(
      'says?|said|states?|stated|requires?|required|prescribes?|covers?|covered|describes?|described|contains?|contents?|regulates?|regulated|provides?|stipulates?|about|steht|regelt|geregelt|besagt|sagt|verlangt|bestimmt|enthält|inhalt|prévoit|stipule|contenu|dice|establece|contenido|prevede|prevê|diz',
    ).source
  }|内容|规定|規定`,
  'giu',
);

/** `steps` is no step S, nor does "which step I take" name one. */
const isNumber = (number: string | undefined): boolean =>
  number !== undefined && !/^(?:\p{Ll}|I)$/u.test(number);

export function referenceOf(question: string, analyse: Analyse, language?: string): Reference | undefined {
  for (const kind of KINDS) {
    const found = [...question.matchAll(kind.asked)].find(({ groups }) => isNumber(groups?.['number']));
    const { word, number } = found?.groups ?? {};
    if (!found || word === undefined || number === undefined) continue;
    const rest = question.replace(found[0], ' ').replace(SAYS, ' ');
    const isOneOfMany = numbersIn(question, kind).some((other) => other !== number);
    return { word, number, kind, about: analyse(rest, language), isOneOfMany };
  }
  return undefined;
}

/** What goes on after a number with its paragraph: `4(2), 5 and 6`. */
const MORE =
  /^(?:\s?(?:,|&|and|or|und|oder|et|ou|e|y|o)\s?\d{1,3}(?:\.\d{1,3}){0,3}[a-z]?(?![\p{L}\p{N}]))+/iu;
const MOST_MORE = 100;

/** The numbers of parts that a text names. */
export const numbersIn = (text: string, { told }: Kind): string[] =>
  [...text.matchAll(told)].flatMap((match) => {
    const number = match.groups?.['number'];
    if (number === undefined || !isNumber(number)) return [];
    const end = match.index + match[0].length;
    const rest = text.slice(end, end + MOST_MORE).replaceAll(/\([^()]*\)/g, '');
    return [number, ...(MORE.exec(rest)?.[0].match(/\d[\d.]*[a-z]?/giu) ?? [])];
  });

/** The number of the part that begins with a line, by the word for such parts or by the number alone. */
export const numberOf = (
  line: string,
  { kind, isBare, isHeading }: { kind: Kind; isBare: boolean; isHeading: boolean },
): string | undefined =>
  (isBare ? (isHeading ? BARE_HEADING : BARE) : kind.written).exec(line)?.groups?.['number'];
