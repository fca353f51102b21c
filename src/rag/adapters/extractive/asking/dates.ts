import { folded } from './name-words.js';

/** The day that a question is about. */
export interface AskedDay {
  /** As the question writes it. */
  text: string;
  isIn: (names: string) => boolean;
  /** Tells of another day. */
  isRival: (names: string) => boolean;
}

/** 12 June 2024, 12. Juni 2024, 12 de junio de 2024; June 12, 2024; 2024-06-12, 20240612; 12.06.2024. */
const DAY_FIRST =
  /(?<!\p{N})(\d{1,2})(?:st|nd|rd|th|er|\.|º)?\s(?:of\s|de\s)?(\p{L}{3,12})\.?,?\s(?:de\s)?((?:19|20)\d\d)(?!\p{N})/gu;
const MONTH_FIRST = /(?<!\p{L})(\p{L}{3,12})\.?\s(\d{1,2})(?:st|nd|rd|th)?,?\s((?:19|20)\d\d)(?!\p{N})/gu;
const YEAR_FIRST = /(?<!\p{N})((?:19|20)\d\d)([-_.]?)(\d\d)\2(\d\d)(?!\p{N})/gu;
const DOTTED = /(?<!\p{N}|\p{N}\.)(\d{1,2})\.\s?(\d{1,2})\.\s?((?:19|20)\d\d)(?!\p{N})/gu;

const known = new Map<string, readonly (readonly string[])[]>();

/** The names of the twelve months, as they stand alone and behind a day. */
function monthsOf(language: string): readonly (readonly string[])[] {
  const found = known.get(language);
  if (found) return found;
  const forms = [{ month: 'long' }, { month: 'long', day: 'numeric' }] as const;
  const months = Array.from({ length: 12 }, (_, i) =>
    forms.map((form) => {
      const parts = new Intl.DateTimeFormat(language, { ...form, timeZone: 'UTC' }).formatToParts(
        Date.UTC(2024, i, 15),
      );
      return folded(parts.find(({ type }) => type === 'month')?.value ?? '');
    }),
  );
  known.set(language, months);
  return months;
}

/** 1 to 12, also of an abbreviation that no other month has. */
function monthOf(word: string, language: string): number | undefined {
  const name = folded(word);
  const fitting = monthsOf(language).flatMap((forms, i) =>
    forms.some((form) => form.startsWith(name)) ? [i + 1] : [],
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** Each day that is written out with its year, as year, month and day, with how it is written. */
function daysIn(text: string, language: string): Map<string, string> {
  const days = new Map<string, string>();
  const add = (written: string, parts: readonly (string | number | undefined)[]): void => {
    const numbers = parts.map(Number);
    if (numbers.every((one) => one > 0) && numbers[1]! <= 12 && numbers[2]! <= 31)
      days.set(numbers.join('-'), written);
  };
  for (const [written, day, month, year] of text.matchAll(DAY_FIRST))
    add(written, [year, monthOf(month!, language), day]);
  for (const [written, month, day, year] of text.matchAll(MONTH_FIRST))
    add(written, [year, monthOf(month!, language), day]);
  for (const [written, year, , month, day] of text.matchAll(YEAR_FIRST)) add(written, [year, month, day]);
  for (const [written, day, month, year] of text.matchAll(DOTTED)) add(written, [year, month, day]);
  return days;
}

/** The one day that a question names with its year. */
export function dayAsked(question: string, language: string): AskedDay | undefined {
  const [asked, ...more] = daysIn(question, language);
  if (!asked || more.length > 0) return undefined;
  const [day, text] = asked;
  const isIn = (names: string): boolean => daysIn(names, language).has(day);
  return { text, isIn, isRival: (names) => !isIn(names) && daysIn(names, language).size > 0 };
}
