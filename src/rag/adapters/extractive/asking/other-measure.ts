import { withoutCodes } from './identifiers.js';
import {
  TIME_UNITS,
  TOLD_BY,
  TOLD_WITHOUT_NUMBER,
  UNITS,
  UNSPACED_UNITS,
  type UnitName,
} from './measure-units.js';
import { ASKED_MEASURES, NO_AMOUNT, type MeasureName } from './measure-words.js';

/** Whether a text tells the measure asked for, or only others: how much something weighs is not what it costs. */
export type TellsMeasure = (said: string) => 'asked' | 'other' | undefined;

const NUMBER = /\p{Nd}+(?:[.,'’٫٬\s–-]\p{Nd}+)*|[〇一二两兩三四五六七八九十百千万萬亿億]+/gu;
/** Characters before and behind a number that its unit is looked for in. */
const LONGEST = 24;
const BEFORE =
  /(?:\p{Sc}|(?<!\p{L})(?:USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|PLN|SEK|NOK|DKK|CAD|AUD|Rp|Rs\.?)|人民[币幣])\s?$/u;
const LETTER = String.raw`[\p{L}\p{M}\p{Nd}]`;
const any = (words: string): string =>
  `(?:${words
    .split(' ')
    .join('|')
    .replaceAll('_', String.raw`\s+`)})`;
const names = Object.keys(TOLD_BY) as MeasureName[];

interface Measures {
  /** What asks for a measure, or tells it without a unit. */
  asked: ReadonlyMap<MeasureName, RegExp>;
  /** What names a price and asks for none. */
  noAmount: RegExp | undefined;
  /** What stands behind a number of each kind. */
  units: ReadonlyMap<UnitName, RegExp>;
}

const known = new Map<string, Measures>();

function measuresOf(language: string): Measures {
  const cached = known.get(language);
  if (cached) return cached;
  const isUnspaced = /^(?:zh|ja|ko|th)$/.test(language);
  const words = ASKED_MEASURES[language] ?? {};
  const asked = new Map<MeasureName, RegExp>();
  for (const name of names) {
    const own = words[name];
    if (own !== undefined)
      asked.set(name, new RegExp(isUnspaced ? any(own) : `(?<!${LETTER})${any(own)}(?!${LETTER})`, 'iu'));
  }
  const units = new Map<UnitName, RegExp>();
  for (const name of Object.keys(UNITS) as UnitName[]) {
    const own = name === 'time' && TIME_UNITS[language] ? ` ${TIME_UNITS[language]}` : '';
    units.set(
      name,
      new RegExp(
        String.raw`^(?:\s?-?\s?${any(UNITS[name] + own)}(?!${isUnspaced ? String.raw`[\p{Script=Latin}\p{Nd}]` : LETTER})|\s?${any(UNSPACED_UNITS[name])})`,
        'iu',
      ),
    );
  }
  const none = NO_AMOUNT[language];
  const noAmount = none === undefined ? undefined : new RegExp(`(?<!${LETTER})${any(none)}`, 'giu');
  const measures = { asked, noAmount, units };
  known.set(language, measures);
  return measures;
}

/**
 * @param asking languages of the question, by ISO 639-1: words of others may mean something else
 * @param telling those and that of what was found
 */
export function measureTold(
  question: string,
  asking: readonly string[],
  telling: readonly string[],
): TellsMeasure | undefined {
  const own = telling.map((language) => measuresOf(language));
  const text = question.normalize('NFKC');
  const asked = names.filter((name) =>
    asking.some((language) => {
      const { asked: words, noAmount } = measuresOf(language);
      const said = name === 'price' && noAmount ? text.replace(noAmount, ' ') : text;
      return words.get(name)?.test(said);
    }),
  );
  if (asked.length === 0) return undefined;
  // "How many days does the price hold?"
  const by = new Set([...asked.flatMap((name) => TOLD_BY[name].by), ...unitsNamed(text, own)]);
  const maybe = new Set(asked.flatMap((name) => TOLD_BY[name].maybe));
  return (said) => {
    const sentence = withoutCodes(said.normalize('NFKC'));
    const isTold = (name: MeasureName): boolean =>
      TOLD_WITHOUT_NUMBER[name]?.test(sentence) === true ||
      own.some((one) => one.asked.get(name)?.test(sentence) === true);
    if (asked.some(isTold)) return 'asked';
    const numbers = [...sentence.matchAll(NUMBER)]
      .filter(([number]) => !text.includes(number))
      .map(({ 0: number, index }) => unitsAround(sentence, { index, end: index + number.length }, own));
    // Numbers may be written in words.
    const told = [...numbers, unitsNamed(sentence, own)].flatMap((units) => [...units]);
    if (told.some((name) => by.has(name))) return 'asked';
    const isOther = numbers.length > 0 && numbers.every((units) => units.size > 0);
    return isOther && !told.some((name) => maybe.has(name)) ? 'other' : undefined;
  };
}

function unitsAround(
  text: string,
  { index, end }: { index: number; end: number },
  measures: readonly Measures[],
): Set<UnitName> {
  const units = unitsOf(text.slice(end, end + LONGEST), measures);
  if (BEFORE.test(text.slice(Math.max(0, index - LONGEST), index))) units.add('money');
  return units;
}

/** Units that stand in a text as words. */
const unitsNamed = (text: string, measures: readonly Measures[]): Set<UnitName> =>
  new Set(
    text
      .split(/[^\p{L}\p{M}]+/u)
      .filter((word) => word.length > 1)
      .flatMap((word) => [...unitsOf(word, measures)]),
  );

function unitsOf(text: string, measures: readonly Measures[]): Set<UnitName> {
  const found = new Set<UnitName>();
  for (const { units } of measures) for (const [name, unit] of units) if (unit.test(text)) found.add(name);
  return found;
}
