import { stopWordsOf } from '../search/stop-words.js';
import { isAbbreviation, isShortMonth, lastWord, type LastWord } from './abbreviations.js';
import { englishToo, monthNames, monthsBehindYears } from './months.js';

/** What is read before and behind a place; every rule looks at no more, which keeps the time linear. */
const BEFORE = 64;
const BEHIND = 48;
const SHORT = 8;
/** How far away the ends of brackets and the marks of a script are looked for. */
const AROUND = 100;

const english = stopWordsOf('en');
const isOneOf =
  (...languages: string[]) =>
  (word: string): boolean =>
    languages.some((language) => stopWordsOf(language).has(word));
/** What follows no ordinal, in languages that share the words before one. */
const isLittle = isOneOf('de', 'en', 'fr', 'nl');
const isLittleInNorth = isOneOf('da', 'no', 'sv');
const NORTHERN = /^de[nt]$/i;
/** What is no name, though a sentence begins with it. */
const isNoName = isOneOf('en', 'da', 'no', 'sv', 'ru', 'uk', 'pl');
const INITIAL = /^\s{0,3}\p{Lu}\./u;
const NEXT_WORD = /^\s{0,3}(\p{L}[\p{L}\p{M}]*)/u;
const LETTER_BEHIND = /^\s{0,3}["'“„«»(]?\p{L}/u;

const COUNTS = /[\dIVX]\.$/;
const ORDINAL = /(?:^|[^\p{L}\p{N}.,:])(?:\d{1,2}|[IVX]{1,6})\.$/u;
const WORD_BEFORE = /(?:^|[^\p{L}])(\p{L}{1,9})\s{1,3}(?:\d{1,2}|[IVX]{1,6})\.$/u;
/** English, not German: `I am 12.` */
const AGE = /(?:^|[^\p{L}])I am \d{1,2}\.$/iu;
/** Articles, and prepositions joined with one, that an ordinal stands behind. */
const BEFORE_ORDINAL =
  /^(?:am|vom|zum|zur|im|ins|beim|der|die|das|des|dem|den|dies\p{L}{1,2}|jede[rsmn]?|(?:k|[mds])?eine[rsmn]?|[mds]?ein|(?:ihr|unser)e[rsmn]?|det|az)$/iu;
/** What else may stand before a day. */
const BEFORE_DAY = /^(?:und|oder|bis|ab|seit|nach|vor|og|och|til|fra|från|od|do|dne|lub|i|a|la|le|el|il)$/iu;
const YEAR_BEHIND = /^\s{0,3}\p{L}+\s\d{4}/u;
/** Dates of numbers that end with a dot, as in `2024. 3. 31.` */
const YEAR = /(?<!\d)\d{4}\.$/;
const YEAR_AND_MONTH = /(?<!\d)\d{4}\.\s?\d{1,2}\.$/;
const DATE = /(?<!\d)\d{4}\.\s?\d{1,2}\.\s?\d{1,2}\.$/;
const MONTH_AND_DAY = /^\s\d{1,2}\.\s?\d{1,2}(?!\d)/;
const DAY_OF_NUMBERS = /(?<![\d.])\d{1,2}\.$/;
const MONTH_BEHIND = /^\s\d{1,2}\.\s?(?:\d{4}|\d{2})(?!\d)/;
const DAY_AND_MONTH = /(?<![\d.])\d{1,2}\.\s?\d{1,2}\.$/;
const FULL_YEAR = /^\s\d{4}(?!\d)/;
const SHORT_MONTH = /^\s{0,3}(\p{L}{3,5})\./u;
/** `die 1. und 2. Mahnung` */
const BOTH = /(?<!\d)\d{1,2}\.\s(?:und|oder|bis|sowie)\s\d{1,2}\.$/;
/** What is counted by ordinals wherever it stands. */
const COUNTED_SO =
  /^(?:stock|stockwerk|og|ug|etage|quartal|halbjahr|vorsitzende[rn]?|stellvertreter(?:in)?|instanz|auflage|semester|rate|mahnung|lebensjahr|jahrhundert)$/;
/** Eras: `753 v. Chr.` */
const ERA = /\d\s{1,2}(?:v|n|av|apr)\.$/u;
const ERA_BEHIND = /^\s(?:Chr|J\.)/;
const DAY = /^\s\d{1,2}(?:\.|[^\p{L}\p{N}\s]?\p{sc=Hangul})/u;
const HANGUL = /^\s?\p{sc=Hangul}/u;

const THAI = /[\p{sc=Thai}\p{sc=Lao}]\.$/u;
const THAI_BEHIND = /^\s{0,3}[\p{sc=Thai}\p{sc=Lao}]/u;
const NUMBER = /\p{Nd}\.$/u;
const DANDA_WORD =
  /[\p{sc=Devanagari}\p{sc=Bengali}\p{sc=Gurmukhi}\p{sc=Gujarati}\p{sc=Oriya}\p{sc=Inherited}]$/u;
const DANDA = /[।॥]/;

/** An initial or a short form of one letter, in scripts where these are not written in capitals. */
const LONE =
  /^(?![\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}])(?:\p{Lo}|(?!я)(?=[\p{sc=Cyrillic}\p{sc=Greek}])\p{Ll})\p{M}*$/u;
/** In other languages a Greek letter is a word. */
const GREEK = /^\s{0,3}\p{sc=Greek}/u;
/** `и т. д.` and `и т. п.` often end a sentence. */
const AND_SO = /(?:^|[^\p{L}])т\.\s{0,2}$/iu;
const AND_SO_ON = /^[дп]$/u;
const BEHIND_NUMBER = /\p{Nd}\s{0,2}$/u;
const ONE_LETTER = /(?:^|[^\p{L}\p{M}])\p{L}\p{M}{0,3}\.$/u;
const ONE_LETTER_BEHIND = /^\s{0,2}\p{L}\p{M}{0,3}\./u;
const FEW_LETTERS = /(?:^|[^\p{L}\p{M}])[\p{L}\p{M}]{1,4}\.$/u;
const FEW_LETTERS_BEHIND = /^[\p{L}\p{M}]{1,4}\./u;
const JOINED_CAPITAL = /\.\p{Lu}\p{M}{0,2}\.$/u;
const CAPITALS = /(?:^|[^\p{Lu}\p{Ll}\p{M}\p{N}.])(?:\p{Lu}\p{M}{0,2}\.){2,9}$/u;
const TWO_CAPITALS = /(?:^|[^.])\p{Lu}\.\p{Lu}\.$/u;
const ONE_CAPITAL = /\s\p{Lu}\.$/u;
/** `230 V.`, but not `1995 J.`, nor `10:30 J.` or an item `4 A.` */
const UNIT =
  /\p{L}[^\p{L}\p{Nd}]{1,3}(?<![.,:/-])(?![12]\d{3}\s)\p{Nd}(?:[\p{Nd}.,]{0,10}\p{Nd})?\s[VAWCFNTGΩ]\.$/u;

const QUOTED = /[」』”’"'）)»]$/u;
/** What says in Japanese and Korean that it was a quotation. */
const SAID = /^(?:と(?!ても|ころ|もに|にかく|りわけ|きどき)|って|라고|라는|라며|하고|이라고|이라는)/;
const WIDE_END = /[。｡！？]$/u;
const BRACKET = /[（「『【《〈“）」』】》〉”\n]/gu;
const CLOSERS: Readonly<Record<string, string>> = {
  '（': '）',
  '「': '」',
  '『': '』',
  '【': '】',
  '《': '》',
  '〈': '〉',
  '“': '”',
};

/** Whether a bracket that was opened before is closed behind, in the same line and not far away. */
function isInBrackets(before: string, behind: string): boolean {
  const open: string[] = [];
  for (const [mark] of before.matchAll(BRACKET)) {
    const closer = CLOSERS[mark];
    if (closer !== undefined) open.push(closer);
    else if (open.at(-1) === mark) open.pop();
  }
  if (open.length === 0) return false;
  let depth = 0;
  for (const [mark] of behind.matchAll(BRACKET)) {
    if (mark === '\n') return false;
    if (CLOSERS[mark] !== undefined) depth++;
    else if (depth-- === 0) return open.includes(mark);
  }
  return false;
}

/** Whether the dot behind a number is that of an ordinal or of a date. */
function isCounting(said: string, behind: string): boolean {
  if (!COUNTS.test(said.slice(-2))) return false;
  if (YEAR.test(said)) {
    const next = NEXT_WORD.exec(behind)?.[1]?.toLowerCase() ?? '';
    return MONTH_AND_DAY.test(behind) || monthsBehindYears.has(next);
  }
  if (YEAR_AND_MONTH.test(said)) return DAY.test(behind);
  if (DATE.test(said)) return HANGUL.test(behind);
  if (DAY_AND_MONTH.test(said) && FULL_YEAR.test(behind)) return true;
  if (DAY_OF_NUMBERS.test(said) && MONTH_BEHIND.test(behind)) return true;
  if (!ORDINAL.test(said)) return false;
  const next = NEXT_WORD.exec(behind)?.[1]?.toLowerCase();
  if (next === undefined) return false;
  if (BOTH.test(said) || COUNTED_SO.test(next) || isShortMonth(SHORT_MONTH.exec(behind)?.[1] ?? ''))
    return true;
  const word = WORD_BEFORE.exec(said)?.[1] ?? '';
  const isOrdinal = BEFORE_ORDINAL.test(word) && !AGE.test(said);
  if (monthNames.has(next))
    return !englishToo.has(next) || isOrdinal || BEFORE_DAY.test(word) || YEAR_BEHIND.test(behind);
  return isOrdinal && !isLittle(next) && !(NORTHERN.test(word) && isLittleInNorth(next));
}

/** Whether short forms of letters and dots go on behind this dot. */
function isChained(said: string, behind: string, next: string): boolean {
  const end = said.slice(-SHORT);
  if (ONE_LETTER.test(end) && ONE_LETTER_BEHIND.test(behind)) return true;
  if (FEW_LETTERS.test(end) && FEW_LETTERS_BEHIND.test(behind)) return true;
  return JOINED_CAPITAL.test(end) && CAPITALS.test(said) && (TWO_CAPITALS.test(end) || !english.has(next));
}

/** Whether scripts that end sentences with another mark, or have no capitals, have a short form here. */
function isShortForm(text: string, end: number, last: LastWord | undefined, behind: string): boolean {
  const tail = text.slice(Math.max(0, end - 3), end);
  if (THAI.test(tail) || (NUMBER.test(tail) && THAI_BEHIND.test(behind))) return true;
  if (!last) return false;
  if (LONE.test(last.word) && !(GREEK.test(last.word) && !GREEK.test(behind)))
    return !BEHIND_NUMBER.test(last.before) && !(AND_SO_ON.test(last.word) && AND_SO.test(last.before));
  return (
    DANDA_WORD.test(last.word) &&
    (last.word.match(/\p{L}/gu)?.length ?? 0) <= 4 &&
    DANDA.test(text.slice(Math.max(0, end - AROUND), end + AROUND))
  );
}

/**
 * Whether a sentence goes on behind the mark at `end`, the end of its last word: because the dot is that of an
 * abbreviation, an ordinal or a date in any language, or what was quoted is part of it. `start` is where the sentence begins.
 */
export function goesOn(text: string, start = 0, end = text.length): boolean {
  const mark = text.charAt(end - 1);
  if (mark !== '.') {
    if (QUOTED.test(mark)) return SAID.test(text.slice(end, end + 6));
    return (
      WIDE_END.test(mark) &&
      isInBrackets(text.slice(Math.max(start, end - AROUND), end), text.slice(end, end + AROUND))
    );
  }
  const said = text.slice(Math.max(start, end - BEFORE), end);
  const behind = text.slice(end, end + BEHIND);
  if (isCounting(said, behind) || (ERA.test(said) && ERA_BEHIND.test(behind))) return true;
  const next = NEXT_WORD.exec(behind)?.[1]?.toLowerCase() ?? '';
  if (isChained(said, behind, next)) return true;
  if (ONE_CAPITAL.test(said.slice(-SHORT)) && UNIT.test(said) && LETTER_BEHIND.test(behind)) return false;
  const last = lastWord(said);
  const isName = (): boolean => INITIAL.test(behind) || (next !== '' && !isNoName(next));
  return isAbbreviation(said, last, behind, isName) || isShortForm(text, end, last, behind);
}
