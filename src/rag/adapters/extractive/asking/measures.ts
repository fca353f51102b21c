import type { Analyse } from '../../../analyse.types.js';
import type { Equivalent } from './equivalents.js';

interface Kind {
  /** How a question asks for it; what is caught is a word to look for. */
  asked: RegExp;
  /** Units and words that tell such a measure. */
  told: RegExp;
  /** Nothing without them tells it: a sentence or row without a weight does not tell how heavy something is. */
  isStrict: boolean;
  /** Tells it without a number, too. */
  isEnough?: true;
}

/** What kind of measure a question asks for. */
export interface Measure extends Equivalent {
  isStrict: boolean;
  isEnough: boolean;
}

const NUMBER = String.raw`\p{N}[\p{N}.,]*\s?-?\s?`;
const AMOUNT = String.raw`(?:${NUMBER}|(?<!\p{L})(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\p{L}+teen|\p{L}+ty|hundred|several|few|half)[\s-](?:and a half\s)?(?:(?:full|whole|working|business|calendar|more|further)\s)?)`;
const END = String.raw`(?![\p{L}\p{N}])`;
const LENGTHS = String.raw`(?:(?:[kcmnµμ]?m|km|kilomet(?:re|er)s?|met(?:re|er)s?|centimet(?:re|er)s?|millimet(?:re|er)s?|miles?|yards?|yd|f(?:oo|ee)?t|in(?:ch(?:es)?)?)${END}|["″'′])`;
const TIMES = String.raw`(?:s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?|days?|nights?|weeks?|months?|quarters?|years?|decades?|centuries)${END}`;
const DAYS = String.raw`(?:(?:working|business|calendar|full|consecutive)\s)?`;
const WEIGHTS = String.raw`(?:[kmµμ]?g|kgs?|kilo(?:gram(?:me)?)?s?|gram(?:me)?s?|tons?|tonnes?|t|lbs?|pounds?|oz|ounces?|stone)${END}`;
const SIGNS = String.raw`(?:\p{Sc}|(?<!\p{L})(?:USD|EUR|GBP|CHF|JPY|CNY|INR|PLN|SEK|NOK|DKK|CAD|AUD)(?!\p{L}))`;
const unit = (units: string, words: string): RegExp =>
  new RegExp(String.raw`${NUMBER}(?:${units})|(?<!\p{L})(?:${words})(?!\p{L})`, 'iu');
const PRICE =
  'prices?|priced|costs?|fees?|rates?|tariffs?|free(?! to)|no charge|complimentary|included?|\\p{L}*preise?s?|kosten|kostet|kostenlos|\\p{L}*gebühr(?:en)?|prix|coûte(?:nt)?|tarifs?|gratuite?s?|gratis|precios?|cuesta';

const KINDS: readonly Kind[] = [
  {
    asked: /\bhow (heavy)\b|(?<!\p{L})wie (schwer)(?!\p{L})/iu,
    told: unit(WEIGHTS, 'weighs?|weighed|weighing|weights?|mass|wiegt|wiegen|gewicht'),
    isStrict: true,
  },
  {
    asked: /\bhow (old)\b/iu,
    told: unit(
      `${TIMES}|(?<=[(,]\\s?\\p{N}{2,3})[),]`,
      'aged?|ages|born|founded|established|built|opened|since',
    ),
    isStrict: true,
  },
  {
    asked: /\bhow (tall|deep|wide|thick)\b/iu,
    told: unit(LENGTHS, 'heights?|tall|high|depths?|deep|widths?|wide|thick(?:ness)?|sizes?|dimensions?'),
    isStrict: true,
  },
  {
    asked: /\bhow (high)\b/iu,
    told: unit(LENGTHS, 'heights?|tall|high|depth|width'),
    isStrict: false,
  },
  {
    asked: /\bhow (far)\b/iu,
    told: unit(`${LENGTHS}|${TIMES}`, 'distances?|away|far|range'),
    isStrict: true,
  },
  {
    asked: /\bhow (loud|noisy)\b/iu,
    told: unit(`d?B(?:\\([AC]\\))?${END}|decibels?`, 'noise|noisy|loud|quiet|silent|sound'),
    isStrict: true,
  },
];

const EVERY = String.raw`(?<!(?<!\p{L})(?:every|each|per|alle|jede[rnms]?|pro)\s(?:\S{1,12}\s)?)`;
const DURATION = new RegExp(
  String.raw`${EVERY}(?:${AMOUNT}${DAYS}${TIMES}|${NUMBER}(?:${LENGTHS}))|(?<!\p{L})(?:years?|months?|weeks?|days?|hours?|minutes?|seconds?)\s?[(:=|]|(?<!\p{L})(?:until|till|through|expires?|ends? (?:on|in|at)|forever|indefinitely|permanently|overnight|lifetime)(?!\p{L})|\p{N}\s?(?:pages?|words?|lines?|characters?|digits?|Zeichen)${END}|from .{2,30} to `,
  'iu',
);
const FREQUENCY =
  /(?<!\p{L})(?:every|each|per|once|twice|times|(?:bi-?|semi-?|half-)?(?:daily|weekly|monthly|quarterly|annual(?:ly)?|yearly)|hourly|nightly|always|never|seldom|rarely|regularly|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?|after|before|when)(?!\p{L})|\ba (?:day|week|month|quarter|year)\b/iu;
const MONEY = new RegExp(
  String.raw`${SIGNS}\s?\p{N}|\p{N}[\p{N}.,-]*\s?(?:(?:thousand|million|billion|k|m|mn|bn)\s)?(?:${SIGNS}|[%‰]|(?:euros?|dollars?|pounds?|cents?|pence|francs?|franken|kron(?:er|or|a)|kr|zł|yen|rupees?|per ?cent)(?!\p{L}))|(?<!\p{L})(?:${PRICE})(?!\p{L})`,
  'iu',
);
const ASKS_PRICE =
  /\bhow much\b.*\bcosts?\b|\bwhat (?:does|do|did|would|will)\b.*\bcosts?\b|\b(?:what|how (?:much|high))(?:['’]s| is| are| was| were) (?:the|its|your|a) (?:[\p{L}-]+ ){0,2}(?:prices?|costs?|fees?|tariffs?)\b|(?<!\p{L})(?:was kostet|was kosten|wie teuer|combien coûte(?:nt)?|cu[aá]nto cuestan?)(?!\p{L})/iu;

/** The same without a word to look for. */
const WORDLESS: readonly Kind[] = [
  { asked: ASKS_PRICE, told: MONEY, isStrict: true },
  { asked: /\bhow long\b/iu, told: DURATION, isStrict: false, isEnough: true },
  { asked: /\bhow (?:often|frequently)\b/iu, told: FREQUENCY, isStrict: false, isEnough: true },
];

/** "How heavy is it?" asks for a weight: the word for it, or a number with a unit of weight, is a part of the answer. */
export function measureOf(question: string, analyse: Analyse, language?: string): Measure | undefined {
  for (const { asked, told, isStrict, isEnough = false } of [...KINDS, ...WORDLESS]) {
    const found = asked.exec(question);
    if (!found) continue;
    const word = found.slice(1).find((caught) => caught !== undefined);
    return {
      terms: word === undefined ? [] : analyse(word, language),
      held: (text) => told.test(text),
      isStrict,
      isEnough,
    };
  }
  return undefined;
}
