import { calm } from '../../../../common/search/calm.js';
import { isPeriod } from '../../../../common/search/file-name.js';
import type { AnswerPassage } from '../../../answer.types.js';

/** Something that a question names by letters and digits: what is said of another one is no answer. */
export interface Identifier {
  text: string;
  /** Finds it as it may be written. */
  held: RegExp;
  /**
   * Names one thing of many, as an invoice's number or a version does: sentences about it need not repeat it, and what
   * follows another one is about that. The digits of `COVID-19` are part of a word like others.
   */
  kin: RegExp | undefined;
  /** Finds whatever is written alike, as another invoice's number is. */
  like: RegExp;
  /** Says what is asked about, and is no word to look for. */
  distinct: boolean;
}

/** A sentence of a passage. */
interface Said {
  passage: AnswerPassage;
  text: string;
}

const MOST = 8;
const LONGEST = 64;
/** Beyond these a range of years is none. */
const MOST_YEARS = 10;
const SCANNED = 20_000;

// In scripts without spaces the words around an identifier belong to the run of letters.
const CHARACTER = String.raw`[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Nd}]`;
const JOINT = String.raw`[-_./:#@\u2010-\u2015]`;
/** What may stand there instead. */
const JOINTS = String.raw`[-_./:#@\s\u00ad\u2010-\u2015]`;
const CURRENCY = 'USD|EUR|GBP|CHF|JPY|CNY|INR|PLN|SEK|NOK|DKK|RUB|TRY|BRL|CAD|AUD';
/** ISO 27001, then INV-2025-0117 and 4711829. */
const WRITTEN = new RegExp(
  String.raw`(?<!${CHARACTER}|[.,]\p{Nd}*)(?:(?!(?:${CURRENCY})\s)[A-Z]{2,10}[ \u00a0]\d{2,}(?!${CHARACTER}|${JOINT}${CHARACTER}|[.,]\d)|${CHARACTER}+(?:${JOINT}${CHARACTER}+)*)`,
  'gu',
);
const YEAR = /^(?:1\d|20)\d\ds?$/;
/** `HX-1003`, `hx-1999` and `BOLT-1234` number things; `mid-1800`, `Nov-2024` and `REPORT-2024` tell a year. */
const CODE = /^(?!pre|mid|ca|fy|cy|ad|bc|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\p{L}{1,3}$/iu;
const CAPITALS = /^\p{Lu}{1,10}$/u;
const RECENT_YEAR = /^(?:19|20)\d\d$/;
const ROUND = /00$/;
/** 5kg, 24V, 2nd, 1990s, 12-month, 10-K. */
const AMOUNT = /^\p{Nd}+(?:[.,]\p{Nd}+)?-?\p{L}+(?:-\p{L}+)*$/u;
const GROUPED = /^\d{1,3}(?:[.,]\d{3})+$/;
const VERSION = /^v?\d+(?:\.\d+){2,}$/i;
const OF_VERSION = String.raw`(?!\d{1,2}\.\d{1,2}\.\d{4}|(?:19|20)\d\d\.)v?\d+(?:\.\d+){2,}(?![\p{L}\p{N}]|\.\d)`;
/** `[4.1.0] - 2024-02-01`, `FlowDesk 4.1.0`, "In 4.1.0 the", and no `4.1.1 Installation`. */
const TELLS_VERSION = new RegExp(
  String.raw`^[^\p{L}\p{N}]*(?:(?:(?:[Ii]n|[Ww]ith|[Ss]ince|[Vv]ersion|[Rr]elease)\s+)*${OF_VERSION}(?!\s+\p{Lu}\p{L}+(?!\s\d))|\p{L}+\s+${OF_VERSION}[^\p{L}]*(?<![.!?])$)`,
  'u',
);
/** What may stand before its number. */
const CALLED = String.raw`(?:(?<!${CHARACTER})(?:version|versión|versione|versão|release)\s+)?`;
const PARTS = /\p{L}+|\p{Nd}+/gu;

export function identifiersOf(question: string): Identifier[] {
  const found = new Map<string, Identifier>();
  for (const [written] of calm(question.slice(0, SCANNED)).matchAll(WRITTEN)) {
    if (found.size >= MOST) break;
    if (written.length <= LONGEST && /\p{Nd}/u.test(written) && names(written))
      found.set(written.toLowerCase(), identifierOf(written));
  }
  return [...found.values()];
}

function names(written: string): boolean {
  const parts = written.split(/[^\p{L}\p{Nd}]+/u);
  if (/\p{L}/u.test(written)) {
    if (AMOUNT.test(written) || isPeriod(written) || VERSION.test(written)) return VERSION.test(written);
    // What is left without years and quarters; one digit alone is part of a word: H2O, MP3.
    const rest = parts.filter(
      (part) => !isPeriod(part) && !isYearAmong(part, written, parts) && !/^[QH][1-4]$/i.test(part),
    );
    const digits = rest.join('').match(/\p{Nd}/gu)?.length ?? 0;
    return digits > 1 || (digits === 1 && parts.length > 1);
  }
  if (parts.length === 1) return written.length >= 4 && !RECENT_YEAR.test(written) && !ROUND.test(written);
  if (GROUPED.test(written) || (isDate(parts) && !isAct(written))) return false;
  return VERSION.test(written) || isAct(written) || (parts.some(isNumber) && !/^\d+\.\d+$/.test(written));
}

/** Beside a word a number of four digits may tell the year, beside a code it does not. */
const isYearAmong = (part: string, written: string, parts: readonly string[]): boolean =>
  YEAR.test(part) &&
  (/\s/u.test(written) ||
    !parts.some(
      (other) => CODE.test(other) || (CAPITALS.test(other) && !RECENT_YEAR.test(part) && !isPeriod(other)),
    ));

const isNumber = (part: string): boolean => part.length >= 4 && !YEAR.test(part) && !ROUND.test(part);

/** Acts of the European Union: `2016/681`, `2019/2088`; `2023/24` and `2019/2020` are years. */
function isAct(written: string): boolean {
  const [, year, number] = /^((?:19|2[01])\d\d)\/(\d{3,4})$/.exec(written) ?? [];
  if (year === undefined) return false;
  const years = Number(number) - Number(year);
  return years < 0 || years > MOST_YEARS;
}

const isDate = (parts: readonly string[]): boolean =>
  parts.length <= 3 &&
  parts.every((part) => part.length <= 2 || YEAR.test(part)) &&
  parts.some((part) => YEAR.test(part) || parts.length === 2);

/** Letters and digits may be written together or apart; two numbers stay two. */
function identifierOf(written: string): Identifier {
  const isVersion = VERSION.test(written);
  const parts = [...written.matchAll(PARTS)].filter(([part]) => !isVersion || /\p{Nd}/u.test(part));
  const distinct = /\p{Nd}{3}/u.test(written) && !YEAR.test(written);
  const same = (part: string): string => (parts.length === 1 ? grouped(part) : part);
  const alike = (part: string): string => (/\p{Nd}/u.test(part) ? String.raw`\p{Nd}{${part.length}}` : part);
  return {
    text: written,
    held: sourceOf(written, parts, { pattern: same, joints: JOINTS, before: isVersion ? 'v?' : '' }),
    kin: isVersion
      ? TELLS_VERSION
      : distinct && /\p{L}/u.test(written)
        ? sourceOf(written, parts, { pattern: alike, joints: JOINTS })
        : undefined,
    // Groups of digits, as an account's number has them, are not alike.
    like: sourceOf(written, parts, { pattern: alike, joints: JOINTS.replace(String.raw`\s`, '') }),
    distinct,
  };
}

interface Pattern {
  pattern: (part: string) => string;
  joints: string;
  /** What may be joined to the first part. */
  before?: string;
}

function sourceOf(
  written: string,
  parts: readonly RegExpExecArray[],
  { pattern, joints, before: mark = '' }: Pattern,
): RegExp {
  const sources = parts.map(([part], i) => {
    const { index } = parts[i]!;
    const before = parts[i - 1];
    if (!before) return pattern(part);
    const joint = written.slice(before.index + before[0].length, index);
    return (literalOf(joint, before[0], part) ?? `${joints}?`) + pattern(part);
  });
  return new RegExp(
    String.raw`(?<!${CHARACTER}|\p{Nd}[.,])${mark}${sources.join('')}(?!${CHARACTER}|[.,]\p{Nd})`,
    'iu',
  );
}

/** What cannot be written otherwise between two numbers. */
function literalOf(joint: string, before: string, after: string): string | undefined {
  const numbers = /\p{Nd}/u.test(before) && /\p{Nd}/u.test(after);
  if (!numbers || !/[.:@#]/.test(joint)) return undefined;
  return joint === '.' ? String.raw`\.` : joint;
}

/** 4711829, 4,711,829. */
const grouped = (number: string): string => number.replace(/\B(?=(?:\d{3})+$)/g, String.raw`[.,'’\s]?`);

/** The text without what says by itself what is asked about, and without versions, which only headings hold. */
export const withoutIdentifiers = (text: string, identifiers: readonly Identifier[]): string =>
  identifiers
    .filter((identifier) => identifier.distinct || VERSION.test(identifier.text))
    .reduce((rest, { held }) => rest.replace(new RegExp(CALLED + held.source, 'giu'), ' '), text);

/** Versions are many terms, and the headings that hold them tell nothing else. */
export const versionsOf = (identifiers: readonly Identifier[]): string =>
  identifiers
    .map((identifier) => identifier.text)
    .filter((text) => VERSION.test(text))
    .join(' ');

/** A text without what letters and digits name in it. */
export const withoutCodes = (text: string): string =>
  calm(text).replaceAll(WRITTEN, (written) =>
    written.length <= LONGEST && /\p{L}/u.test(written) && /\p{Nd}/u.test(written) && names(written)
      ? ''
      : written,
  );

/**
 * The sentences that may be about all that is named: those of passages that hold it, themselves or in their title or
 * headings, or whose document is about nothing else of the kind, and not about another thing of the kind.
 */
export const aboutNamed = <S extends Said>(identifiers: readonly Identifier[], said: readonly S[]): S[] =>
  identifiers.reduce<S[]>((left, identifier) => aboutOne(identifier, left), [...said]);

function aboutOne<S extends Said>(identifier: Identifier, evidence: readonly S[]): S[] {
  const { kin } = identifier;
  const holds = holderOf(identifier);
  const holding = holdingOf(identifier, new Set(evidence.map((sentence) => sentence.passage)));
  const turns = (isOther: boolean, text: string): boolean =>
    !holds(text) && (isOther || kin?.test(text.normalize('NFKC')) === true);
  let passage: AnswerPassage | undefined;
  let isOther = false;
  return evidence.filter((sentence) => {
    if (sentence.passage !== passage) {
      ({ passage } = sentence);
      isOther = (passage.headings ?? []).reduce(turns, false);
    }
    isOther = turns(isOther, sentence.text);
    return holding.has(sentence.passage) && !isOther;
  });
}

const holderOf =
  ({ held }: Identifier) =>
  (text: string): boolean =>
    held.test(text.normalize('NFKC'));

function holdingOf(identifier: Identifier, passages: ReadonlySet<AnswerPassage>): Set<AnswerPassage> {
  const holds = holderOf(identifier);
  const saysIt = ({ text, title, headings = [] }: AnswerPassage): boolean =>
    [text, title ?? '', ...headings].some(holds);
  const holding = new Set([...passages].filter(saysIt));
  if (!identifier.distinct) return holding;
  const documents = new Map<string, AnswerPassage[]>();
  for (const passage of passages)
    documents.set(passage.documentId, [...(documents.get(passage.documentId) ?? []), passage]);
  const like = new RegExp(identifier.like.source, 'giu');
  const namesAnother = ({ text, title, headings = [] }: AnswerPassage): boolean =>
    [...[text, title ?? '', ...headings].join('\n').normalize('NFKC').matchAll(like)].some(
      ([written]) => !holds(written),
    );
  for (const found of documents.values()) {
    const isNamed = found.some((one) => holding.has(one) || holds(one.fileName ?? ''));
    if (isNamed && !found.some(namesAnother)) for (const one of found) holding.add(one);
  }
  return holding;
}
