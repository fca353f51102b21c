import type { Analyse } from '../../../analyse.types.js';
import type { Equivalent } from './equivalents.js';
import { wholeWords } from './whole-words.js';

/** What an answer has to tell of, beyond its words: another figure or another office is another answer. */
export interface Attributes {
  /** Offices in other words: "chief executive" for `CEO`. */
  equivalents: Equivalent[];
  /** @param said a sentence with its labels @param names title and headings, which count where it names nothing else */
  areMet: (said: string, names: string) => boolean;
}

interface Figure {
  words: RegExp;
  /** What tells it beside its own words. */
  told?: RegExp;
  /** A sentence that names no figure does not tell it either. */
  isStrict: boolean;
}

const strict = (words: string): Figure => ({ words: wholeWords(words), isStrict: true });
const loose = (words: string): Figure => ({ words: wholeWords(words), isStrict: false });

/** Figures of reports, those that hold others' words first. */
const FIGURES: readonly Figure[] = [
  strict('earnings per (?:common |ordinary )?share|EPS|per share'),
  strict(
    'operating (?:income|profits?|loss(?:es)?|earnings|result)|EBIT|Betriebsergebnis|résultat opérationnel',
  ),
  strict('EBITDA'),
  strict('gross (?:profits?|margins?|income)|Rohertrag|marge brute'),
  strict(
    '(?:profits?|income|earnings|loss(?:es)?) before (?:income )?tax(?:es)?|pre-?tax (?:profit|income)|Ergebnis vor Steuern',
  ),
  strict(
    'net (?:\\(loss\\) |\\(income\\) )?(?:income|profits?|loss(?:es)?|earnings|result)|(?:profit|loss) (?:for|after) (?:the |tax)\\S*|Jahresüberschuss|Nettogewinn|résultat net|bénéfice net',
  ),
  strict('net debt'),
  strict('order (?:backlog|intake|book)|backlog|Auftragsbestand'),
  loose('capital expenditures?|capex'),
  loose('research and development|R&D'),
  loose('dividends?|Dividende'),
  strict('revenues?|(?:net )?sales|turnover|Umsatz(?:erlöse)?|chiffre d.affaires'),
  loose('budgets?'),
  loose('cash'),
  {
    words: wholeWords('profits?|earnings|Gewinn|bénéfice'),
    told: wholeWords(
      'profits?|profitable|earnings|income|loss(?:es)?|EBIT|EBITDA|Gewinn|Verlust|\\p{L}*ergebnis|\\p{L}*überschuss|bénéfice|résultat',
    ),
    isStrict: true,
  },
];

/** Offices, each in its own words; those that hold others' words first. */
const OFFICES: readonly RegExp[] = [
  '(?:vice|deputy)[- ]?(?:chair(?:man|woman|person)?|president)',
  'CEO|chief executive(?: officer)?|managing director|Geschäftsführer(?:in)?|Vorstandsvorsitzende[r]?',
  'CFO|chief financial officer|finance (?:director|chief)|head of finance|Finanzvorstand|Finanzchef(?:in)?',
  'CTO|chief technology officer|head of technology',
  'COO|chief operating officer|head of operations',
  'CIO|chief information officer',
  'CISO|chief information security officer|head of (?:information )?security',
  'treasurer|Schatzmeister(?:in)?|Kassenwart(?:in)?',
  'chair(?:man|woman|person)?|Vorsitzende[r]?',
].map(wholeWords);
const NAMING = [...FIGURES.map(({ words }) => words), ...OFFICES];
const ASKS_WHO = /(?<!\p{L})(?:who(?:['’]s)?|wer|name of|name)(?!\p{L})/iu;

export function attributesOf(question: string, analyse: Analyse, language?: string): Attributes {
  let rest = question;
  const figures = FIGURES.filter(({ words }) => {
    const isAsked = words.test(rest);
    rest = rest.replace(words, ' ');
    return isAsked;
  });
  const office = ASKS_WHO.test(question) ? OFFICES.find((words) => words.test(question)) : undefined;
  const isTold = (text: string): boolean =>
    (office?.test(text) ?? true) && (figures.length === 0 || tellsOf(figures, text));
  return {
    equivalents: office
      ? [{ terms: analyse(office.exec(question)![0], language), held: (said) => office.test(said) }]
      : [],
    areMet: (said, names) => isTold(said) || (isTold(names) && !NAMING.some((words) => words.test(said))),
  };
}

const tellsOf = (asked: readonly Figure[], said: string): boolean =>
  asked.some(({ words, told = words }) => told.test(said)) ||
  !(asked.every(({ isStrict }) => isStrict) || FIGURES.some(({ words }) => words.test(said)));
