import type { AnswerPassage } from '../../../answer.types.js';
import { spokenFileName } from '../../../../common/search/file-name.js';
import { isSlip } from './spelling.js';
import { asksPermission, isCountry, tellsOfAbroad } from './permissions.js';
import { isAcronym, readWords, spellsOut, type Word } from './name-words.js';
import { nameTestOf, type NameTest } from './opening-name.js';
import type { Wording } from './question-wording.js';

/** A name or a year of a question: what is said where it does not stand is said of another. */
export interface Anchor {
  text: string;
  /** Halves and whole years count as quarters. */
  kind: 'name' | 'year' | 'quarter';
  isHeld: (one: Said) => boolean;
  /** Tells of another year or quarter; where nothing does, this one may be meant. */
  isRival: (one: Said) => boolean;
  /** Rivals of its sentence count alone: what is said of a year stands beside what is said of its quarters. */
  isOfSentence?: true;
}

/** A text with its words. */
export interface Said {
  text: string;
  words: readonly Word[];
}

const MOST = 8;
const SCANNED = 2_000;
/** That of `2016/679` is a part of its number. */
const YEAR = /(?<![\p{L}\p{N}.,])(?:19|20)\d\d(?![\p{L}\p{N}]|[.,]\d|\/\d{3}(?!\d))/gu;
const namesYear = ({ text }: Said): boolean => /(?<!\d)(?:19|20)\d\d(?!\d)/.test(text);
const QUARTERS = [
  /\b(?:[1-4]?Q1|1Q|(?:first|1st) (?:fiscal )?quarter)|1\. ?Quartal/i,
  /\b(?:Q2|2Q|(?:second|2nd) (?:fiscal )?quarter)|2\. ?Quartal/i,
  /\b(?:Q3|3Q|(?:third|3rd) (?:fiscal )?quarter)|3\. ?Quartal/i,
  /\b(?:Q4|4Q|(?:fourth|4th) (?:fiscal )?quarter)|4\. ?Quartal/i,
];
const PART_OF_YEAR =
  /\b(?:(?:three|nine|[39]) months ended|quarter(?:ly)? (?:period )?ended|quarterly (?:report|period))|(?:19|20)\d\d[ _-]?Q[1-4](?!\d)|(?<!\p{L})Q[1-4][ _-]?(?:FY ?)?(?:19|20)\d\d/iu;
const SIX_MONTHS = /\b(?:six|6) months ended/i;
const FIRST_HALF =
  /\b(?:(?:H1(?!\d)|1H(?!\d(?!\d)))(?!(?!FY)[a-z])|(?:first|1st) half|(?:1\.|erste[ns]?) ?Halbjahr)/i;
const SECOND_HALF =
  /\b(?:(?:H2(?!\d)|2H(?!\d(?!\d)))(?!(?!FY)[a-z])|(?:second|2nd) half|(?:2\.|zweite[ns]?) ?Halbjahr)/i;
const WHOLE_YEAR =
  /\b(?:(?:fiscal|full|financial)[ -]year|fiscal (?:19|20)\d\d|FY ?(?:19|20)?\d\d(?!\d))|Geschäftsjahr/i;
/** Longer periods than a quarter, where the year is told as well. */
const PERIODS: readonly (Pick<Anchor, 'isOfSentence'> & {
  asked: RegExp;
  held: readonly RegExp[];
  rivals: readonly RegExp[];
})[] = [
  {
    asked: FIRST_HALF,
    held: [FIRST_HALF, SIX_MONTHS],
    rivals: [SECOND_HALF, WHOLE_YEAR, PART_OF_YEAR, ...QUARTERS],
  },
  {
    asked: SECOND_HALF,
    held: [SECOND_HALF],
    rivals: [FIRST_HALF, SIX_MONTHS, WHOLE_YEAR, PART_OF_YEAR, ...QUARTERS],
  },
  {
    asked: WHOLE_YEAR,
    held: [WHOLE_YEAR, /\b(?:years? ended|(?:twelve|12) months|annual|10-?K\b)|Jahres(?:abschluss|bericht)/i],
    rivals: [PART_OF_YEAR, SIX_MONTHS, FIRST_HALF, SECOND_HALF, ...QUARTERS],
    isOfSentence: true,
  },
];
/** What a follow-up carries from the questions before it. */
export const CARRIED = /\([^()]*\)\s*$/u;
const FORM =
  /^(?:inc|ltd|llc|llp|lp|plc|corp|co|gmbh|mbh|ag|kg|kgaa|ohg|se|sa|sas|sarl|sl|srl|spa|bv|nv|oyj?|ab|as|asa|aps|pty|pte|pvt|kft|zrt|sro|doo|mr|mrs|ms|dr|prof|sir|st)$/;
/** The same in words, which in small letters say what something is. */
const SPELT_FORM =
  /^(?:limited|corporation|incorporated|company|holdings?|group|(?:aktien)?gesellschaft|gruppe|konzern|groupe|societe|compagnie|grupo|sociedad|compania|gruppo|societa|sociedade|companhia)$/;
/** Legal forms and titles, which are no part of a name that tells. */
export const isForm = (word: string): boolean => FORM.test(word) || SPELT_FORM.test(word);

const ARTICLE =
  /^(?:the|an?|our|your|its|this|each|every|any|no|der|die|das|dies\p{L}*|jede\p{L}?|unsere?\p{L}?|ihre?\p{L}?|seine?|keine?|eine?|beide|une?|l[aeo]s?|notre|nos|cette|el|il|los|una|nuestr[ao]|est[ae]|os?|as?|het|de|deze|onze)$/u;

/** Those of a text that belong to names: "the Company" and "die Gesellschaft" are none. */
export const formsIn = (text: string): string[] =>
  readWords(text)
    .filter(({ folded, isCapital, index }, _at, words) => {
      const before = words[index - 1];
      if (before?.isNext && ARTICLE.test(before.folded)) return false;
      return (
        FORM.test(folded) ||
        (isCapital && before?.isNext === true && before.isCapital && SPELT_FORM.test(folded))
      );
    })
    .map((word) => word.text);

export const said = (text: string): Said => ({ text, words: readWords(text) });

/** A file name as one says it and as it is written. */
export const saidOfFile = (fileName: string): Said => said(`${spokenFileName(fileName)}\n${fileName}`);

/**
 * What a question names by capitals, where its language has such capitals, and the years it asks about.
 * @param found tell whether its first word is a name
 */
export function anchorsOf(
  question: string,
  wording: Wording,
  found: readonly AnswerPassage[] = [],
): Anchor[] {
  const text = question.slice(0, SCANNED).normalize('NFKC').replace(CARRIED, '');
  const isName = nameTestOf(found, isForm);
  return [...times(text), ...(wording.nounsInCapitals ? [] : names(text, wording, isName))].slice(0, MOST);
}

function times(text: string): Anchor[] {
  const years = [...new Set(text.match(YEAR))].map((year): Anchor => {
    const short = year.slice(2);
    const held = new RegExp(
      String.raw`(?<!\d)${year}(?!\d)|(?:['’]|FY ?|[QH][1-4][ '’-]?|\d[./–-])${short}(?!\d)`,
      'iu',
    );
    return { text: year, kind: 'year', isHeld: (one) => held.test(one.text), isRival: namesYear };
  });
  const impossible = /\bQ(?:[05-9])\b/.exec(text)?.[0];
  // A quarter that there is not, or a car: it stands there as it is, or nothing is about it.
  if (impossible !== undefined)
    return [
      ...years,
      {
        text: impossible,
        kind: 'name',
        isHeld: (one) => new RegExp(String.raw`\b${impossible}\b`, 'i').test(one.text),
        isRival: () => true,
      },
    ];
  const asked = QUARTERS.filter((quarter) => quarter.test(text));
  const others = QUARTERS.filter((quarter) => !quarter.test(text));
  if (asked.length === 0 && years.length > 0) return [...years, ...longerPeriod(text)];
  if (asked.length !== 1) return years;
  return [
    ...years,
    {
      text: asked[0]!.exec(text)![0],
      kind: 'quarter',
      isHeld: (one) => asked[0]!.test(one.text),
      isRival: (one) => others.some((other) => other.test(one.text)),
    },
  ];
}

function longerPeriod(text: string): Anchor[] {
  const periods = PERIODS.filter(({ asked }) => asked.test(text));
  const [period] = periods;
  if (!period || periods.length > 1) return [];
  const holds =
    (patterns: readonly RegExp[]) =>
    (one: Said): boolean =>
      patterns.some((pattern) => pattern.test(one.text));
  return [
    {
      text: period.asked.exec(text)![0],
      kind: 'quarter',
      isHeld: holds(period.held),
      isRival: holds(period.rivals),
      ...(period.isOfSentence && { isOfSentence: true }),
    },
  ];
}

function names(text: string, wording: Wording, isName: NameTest): Anchor[] {
  const words = readWords(text);
  const asks = ({ text: word }: Word): boolean =>
    wording.kinds.some(([pattern]) => pattern.test(word)) || wording.confirmation?.test(word) === true;
  const inside = words.filter(
    (word, i) => word.folded.length > 1 && (i > 0 ? !word.opens : !asks(word) && isName(word)),
  );
  const isLittle = (word: Word): boolean => wording.words.has(word.folded) || wording.times.test(word.folded);
  // In titles, and where all is in capitals, they tell nothing.
  if (inside.some((word) => word.isCapital && wording.words.has(word.folded) && !isAcronym(word.text)))
    return [];
  if (!inside.some((word) => !word.isCapital)) return [];
  const found: Word[][] = [];
  let last: Word | undefined;
  for (const word of inside) {
    const tells = word.isCapital && !/\p{N}/u.test(word.text) && !isLittle(word) && !isForm(word.folded);
    if (tells && last && last.index + 1 === word.index && last.isNext) found.at(-1)!.push(word);
    else if (tells) found.push([word]);
    if (tells) last = word;
  }
  return found.map((name) => {
    const called = name.map((word) => word.text).join(' ');
    // "May I work from Japan?" is answered by what is said of other countries at large.
    const isAbroad = asksPermission(text) && isCountry(called, wording.language);
    return {
      text: called,
      kind: 'name',
      isHeld: (one) => holdsName(name, one, isLittle) || (isAbroad && tellsOfAbroad(one.text)),
      isRival: () => true,
    };
  });
}

/** All its words, or a part of it that does not belong to another name there, or its initials. */
function holdsName(name: readonly Word[], { words }: Said, isLittle: (word: Word) => boolean): boolean {
  const joined = (word: Word): string =>
    word.isNext ? word.folded + (words[word.index + 1]?.folded ?? '') : word.folded;
  const places = name.map(({ folded: part }) =>
    words.filter((word) => isSame(part, word.folded) || (part.length >= LONG && joined(word) === part)),
  );
  if (places.every((found) => found.length > 0)) return true;
  const run = name.map((part) => part.folded).join('');
  if (run.length >= LONG && words.some((word) => word.folded === run)) return true;
  const [only] = name;
  if (name.length === 1) return isAcronym(only!.text) && spellsOut(only!.text, words);
  const initials = name.map((part) => part.folded[0]).join('');
  if (words.some((word) => isAcronym(word.text) && word.folded === initials)) return true;
  const capital = (word: Word | undefined): boolean =>
    word?.isCapital === true && !isLittle(word) && /^\p{L}+$/u.test(word.folded) && !isForm(word.folded);
  const first = places[0]!.some((word) => !(word.isNext && capital(words[word.index + 1])));
  const before = (word: Word): Word | undefined => words[word.index - 1];
  return first || places.at(-1)!.some((word) => !(before(word)?.isNext && capital(before(word))));
}

/** The shortest name that a slip of the pen does not make another one. */
const LONG = 5;

/** The same name as texts may spell it: in the plural, as an adjective, with one letter wrong. */
function isSame(name: string, word: string): boolean {
  if (name === word) return true;
  const shorter = Math.min(name.length, word.length);
  if (shorter < 3 || name[0] !== word[0]) return shorter >= LONG && word.includes(name);
  let same = 0;
  while (same < shorter && name[same] === word[same]) same++;
  const [rest, other] = [name.length - same, word.length - same].toSorted((a, b) => a - b) as [
    number,
    number,
  ];
  if (same >= 3 && rest === 0 && /^e?s$/.test(name.slice(same) + word.slice(same))) return true;
  if (same >= 4 && rest <= 1 && other <= 3) return true;
  return shorter >= LONG && (word.includes(name) || isSlip(name, word));
}
