const YEAR = /^(?:19|20)\d\d(?:[-/]\d\d(?:[-/]\d\d)?)?$/;
const NUMERIC_DATE = /^\d{1,4}(?:[./-]\d{1,2}){2}$|^\d{1,2}[./-]\d{1,2}[./-]\d{4}$/;
const WITH_YEAR = /(?:^|\P{N})(?:19|20)\d\d(?!\p{N})/u;
const PART_OF_YEAR = /^(?:[QH][1-4]|[1-4][QH]|FY\s?'?\d\d)\b/iu;
const LONGEST_PERIOD = 60;
const NUMBER = /^[\p{Sc}(+−–-]*(?:[A-Z]{0,3}\p{Sc}\s?)?\(?[+−–-]?[.,]?\p{Nd}[\p{Nd}.,'’\s]*[\p{Sc}%‰)]*$/u;
/** What stands where there is no value. */
const NOTHING = /^(?:[-–—−*]+|n\/?a|n\.\s?a\.)$/iu;
const MEASURE = /^[\p{Sc}(+−–<>≤≥~±-]*\p{Nd}/u;
/** Said of all values of a table: "(in millions)". */
const REMARK = /^\([^()]{2,80}\)$/;

/** No number is longer, and the patterns are not for long texts. */
const LONGEST_NUMBER = 40;
const LONGEST_UNIT = 20;

/** Two longer columns of words are a table, and no fields with what they hold. */
export const MOST_FIELDS = 12;

/** A year alone, or with month and day. */
export const isYear = (text: string): boolean => YEAR.test(text);

/** A year, a date, a quarter: what columns of values are told apart by. */
export const isPeriod = (text: string): boolean =>
  text.length <= LONGEST_PERIOD &&
  (YEAR.test(text) ||
    NUMERIC_DATE.test(text) ||
    PART_OF_YEAR.test(text) ||
    (/\p{L}/u.test(text) && WITH_YEAR.test(text)));

/** A number and nothing else but its signs; a year is none. */
export const isNumber = (text: string): boolean =>
  text.length <= LONGEST_NUMBER && NUMBER.test(text) && !isPeriod(text);

export const isNothing = (text: string): boolean => NOTHING.test(text);

/** A number, also with its unit: "48 hours". */
export const isMeasure = (text: string): boolean => isNumber(text) || (MEASURE.test(text) && !isPeriod(text));

/** What a measure is counted in: "t" of "14,200 t"; empty for a number alone. */
const unitOf = (text: string): string =>
  /\p{L}[\p{L}.²³/]*$/u.exec(text.trim().slice(-LONGEST_UNIT))?.[0] ?? '';

/** Whether a measure may be one of these values: "600 t" above "1,250 t", and not the "5 kg" that names a column of prices. */
export const isOneOf = (measure: string, values: readonly string[]): boolean => {
  const unit = unitOf(measure);
  return values.filter((value) => isMeasure(value) && unitOf(value) === unit).length * 2 > values.length;
};

export const isRemark = (text: string): boolean => REMARK.test(text) && /\p{L}/u.test(text);
