import type { Analyse } from '../../analyse.types.js';
import type { Equivalent } from './equivalents.js';

interface Measure {
  /** As a question has it after "how". */
  adjective: RegExp;
  /** Units and words that tell such a measure, beside a number. */
  told: RegExp;
}

const NUMBER = String.raw`\p{N}[\p{N}.,]*\s?-?\s?`;
const LENGTHS = String.raw`(?:[kcmnµμ]?m|km|kilomet(?:re|er)s?|met(?:re|er)s?|centimet(?:re|er)s?|millimet(?:re|er)s?|miles?|yards?|yd|f(?:oo|ee)?t|in(?:ch(?:es)?)?|["″'′])(?![\p{L}\p{N}])`;
const TIMES = String.raw`(?:s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?|days?|weeks?|months?|quarters?|years?|decades?|centuries)(?![\p{L}\p{N}])`;
const WEIGHTS = String.raw`(?:[kmµμ]?g|kgs?|kilo(?:gram(?:me)?)?s?|gram(?:me)?s?|tons?|tonnes?|t|lbs?|pounds?|oz|ounces?|stone)(?![\p{L}\p{N}])`;
const unit = (units: string, words: string): RegExp =>
  new RegExp(String.raw`${NUMBER}(?:${units})|(?<!\p{L})(?:${words})(?!\p{L})`, 'iu');

/** Of the measures whose name an answer seldom holds. */
const MEASURES: readonly Measure[] = [
  { adjective: /\bhow (heavy)\b/i, told: unit(WEIGHTS, 'weighs?|weighed|weighing|weights?|mass') },
  {
    adjective: /\bhow (old)\b/i,
    told: unit(TIMES, 'aged?|born|founded|established|built|opened|since'),
  },
  {
    adjective: /\bhow (tall|high|deep|wide|thick)\b/i,
    told: unit(LENGTHS, 'heights?|tall|high|depth|width'),
  },
  { adjective: /\bhow (far)\b/i, told: unit(LENGTHS, 'distances?|away') },
];

/** "How heavy is it?" asks for a weight: the word for it, or a number with a unit of weight, is a part of the answer. */
export function measureOf(question: string, analyse: Analyse, language?: string): Equivalent | undefined {
  for (const { adjective, told } of MEASURES) {
    const asked = adjective.exec(question)?.[1];
    if (asked) return { terms: analyse(asked, language), held: (text) => told.test(text) };
  }
  return undefined;
}
