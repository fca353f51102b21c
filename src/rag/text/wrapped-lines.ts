import { goesOn } from '../../common/text/goes-on.js';

interface Line {
  start: number;
  /** Without white space around it. */
  text: string;
  indent: number;
  columns: number;
}

const BLANK = /\n[^\S\n]*\n/g;

const ITEM = /^(?:[-*•–—▪·]|\p{L}\)|\p{Ll}\.|\d+\)|\[\d+\]|\((?:\d{1,3}|\p{L}|[ivx]{1,5})\))\s/u;
/** Also what a year, a date or an initial at the begin of a line looks like. */
const COUNTED = /^(?:\d{1,3}|\p{L})\.\s/u;
const FIRST_COUNTED = /^(?:[01]|[AI])\.\s/;
/** A field of a form: a few words and a colon. */
const FIELD = /^(?:[^\s:：]{1,24}(?: [^\s:：]{1,24}){0,3}:(?:\s|$)|.{1,8}：)/u;
const LOWER = /^\p{Ll}/u;
/** The same with a name in small letters, as programs write them: `status: open`. */
const LOWER_FIELD = /^\p{Ll}[\p{L}\p{N}_.-]{0,23}(?: [\p{L}\p{N}_.-]{1,24})?:(?:\s|$)/u;
/** A line of a log or a chat: when it was said, before or behind who said it. */
const CLOCK = String.raw`[[(]?(?:\d{2,4}[-./]\d{1,2}[-./]\d{1,4}[T,]?\s?)?\d{1,2}:\d{2}(?!\d)`;
const STAMPED = new RegExp(String.raw`^(?:[^\s:]{1,24} (?:[^\s:]{1,24} )?\s?)?${CLOCK}`, 'u');
/** What may stand at the begin of a line within a sentence. */
const GOES_ON = /^[\p{L}\p{N}\p{Sc}\p{Pi}"'(„‚[¿¡§「『《【（]/u;

const ENDED = /[.!?:;…。！？：；｡．؟؛۔।॥።][\p{Pe}\p{Pf}"']*(?:\[\d+\])*$/u;
/** More than stands behind the mark that ends a sentence. */
const ENDING = 16;
/** Articles, prepositions and conjunctions are short: nobody ends a line of a list with one. */
const DANGLING = /(?:\s\p{Ll}{1,4}|,)$/u;

/** Also the dots of a table of contents and the boxes of a form. */
const CELLS = /[\t|☐☑☒]|\S[^\S\n]{3}|\.\s?\.\s?\.\s?\.|____/u;
const NUMBER = /^[\p{Sc}(+−-]*\p{Nd}[\p{Nd}.,:/'’]*[\p{Sc}%)]*$/u;
const CAPITAL = /^[\p{Lu}\p{Lt}\p{N}]/u;

/** Written two columns wide. */
const WIDE = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\u3000-\u303f\uff01-\uff60]/gu;
/** What cannot be parted at the end of a line: a character where words stand without spaces. */
const UNIT =
  /^(?:[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]|[^\s\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]{1,30})/u;

/** Columns of a wrapped line: a shorter one may be of an address or a poem, a longer one was never wrapped. */
const [LEAST, MOST] = [40, 140];
/** Enough where the line before went on with this one. */
const LEAST_FLOWING = 25;
const FULL = 0.8;
const HALF = 0.5;
/** Lines before and behind that say how wide the text is. */
const NEIGHBOURS = 3;

const columnsOf = (text: string): number => text.length + (text.match(WIDE)?.length ?? 0);

function linesOf(text: string, from: number, to: number): Line[] {
  let start = from;
  return text
    .slice(from, to)
    .split('\n')
    .map((raw) => {
      const said = raw.trim();
      const indent = raw.length - raw.trimStart().length;
      const line = { start, text: said, indent, columns: columnsOf(said) };
      start += raw.length + 1;
      return line;
    });
}

/** A row of a table, also where its cells are parted by a single space. */
function isRow(text: string): boolean {
  if (CELLS.test(text)) return true;
  const words = text.split(/\s+/);
  const numbers = words.filter((word) => NUMBER.test(word)).length;
  if (numbers >= 3 && numbers * 2 >= words.length) return true;
  return words.length > 2 && words.slice(-2).every((word) => NUMBER.test(word));
}

/** Names, cells and headings are capitals nearly throughout. */
function isNames(text: string): boolean {
  const words = text.split(/\s+/);
  return words.filter((word) => CAPITAL.test(word)).length > words.length * 0.75;
}

/** A short line that ends no sentence: where another one follows, it is no end of a paragraph either. */
const isLabel = ({ text, columns }: Line, width: number): boolean =>
  columns < HALF * width && !ENDED.test(text.slice(-ENDING));
const isOwn = (line: Line | undefined): boolean => line !== undefined && !LOWER.test(line.text);

/** Whether the line is so long that the next word had no room in it. `flowing`: the one before went on with it. */
function isFull(lines: readonly Line[], at: number, flowing: boolean): boolean {
  const { columns, text } = lines[at]!;
  if (columns < (flowing ? LEAST_FLOWING : LEAST) || columns > MOST) return false;
  const near = lines.slice(Math.max(0, at - NEIGHBOURS), at + NEIGHBOURS + 1);
  const width = Math.max(...near.map((line) => line.columns));
  const next = lines[at + 1]!;
  const unit = UNIT.exec(next.text)?.[0] ?? '';
  if (isLabel(next, width) && isOwn(lines[at + 2])) return false;
  if (columns + 1 + columnsOf(unit) >= FULL * width) return flowing || !isNames(text);
  return flowing && columns >= HALF * width && DANGLING.test(text);
}

const isAbbreviated = ({ text }: Line, next: Line): boolean =>
  goesOn(`${text} ${next.text.slice(0, ENDING)}`, 0, text.length);

/** Whether a sentence may go on from this line to the next one, which begins neither an item nor in lower case. */
function isWrapped(lines: readonly Line[], at: number, flowing: boolean): boolean {
  const line = lines[at]!;
  const next = lines[at + 1]!;
  if (!GOES_ON.test(next.text) || FIELD.test(next.text)) return false;
  if (!GOES_ON.test(line.text) && !ITEM.test(line.text)) return false;
  if (ENDED.test(line.text.slice(-ENDING)) && !isAbbreviated(line, next)) return false;
  // The first line of a paragraph; what is above a passage's own first line is not known.
  const indented = line.start > 0 && next.indent > line.indent + 1;
  if (indented && !ITEM.test(line.text) && !COUNTED.test(line.text)) return false;
  return isFull(lines, at, flowing) && !isRow(line.text) && !isRow(next.text);
}

/** Lines of these, one below the other, are no sentence even where the lower one begins in lower case. */
const areRows = (line: Line, next: Line): boolean => isRow(line.text) && isRow(next.text);
const isField = ({ text }: Line): boolean => FIELD.test(text) || LOWER_FIELD.test(text);
/** Whether the line below is a field of those that it stands among; a lone one may be part of a sentence. */
const isAmongFields = (lines: readonly Line[], first: number, at: number): boolean =>
  LOWER_FIELD.test(lines[at + 1]!.text) &&
  (isField(lines[first]!) || isField(lines[at]!) || LOWER_FIELD.test(lines[at + 2]?.text ?? ''));
/** A heading, or a comment of a file of settings. */
const HASHED = /^#{1,6}\s/;

/** Whether lines that begin with a time follow each other here: one alone may stand within a sentence. */
function hasStamps(lines: readonly Line[]): boolean {
  return lines.filter(({ text }) => STAMPED.test(text)).length > 1;
}

/** Parts of a text between two blank lines in which lines are wrapped: whatever else ends a line, ends a part. */
function* partsOf(text: string, from: number, to: number): Generator<[start: number, end: number]> {
  const lines = linesOf(text, from, to);
  let first = 0;
  let counted = COUNTED.test(lines[0]!.text);
  const stamps = hasStamps(lines);
  for (let at = 0; at < lines.length - 1; at++) {
    const next = lines[at + 1]!;
    // A lone "14. Mai" is no item of a list: lists are counted from one.
    const isCounted = COUNTED.test(next.text) && (counted || FIRST_COUNTED.test(next.text));
    counted ||= isCounted;
    const isItem = isCounted || ITEM.test(next.text);
    const isOwnLine =
      isItem ||
      (stamps && STAMPED.test(next.text)) ||
      areRows(lines[at]!, next) ||
      HASHED.test(lines[at]!.text) ||
      isAmongFields(lines, first, at);
    if (!isOwnLine && (LOWER.test(next.text) || isWrapped(lines, at, at > first))) continue;
    yield [lines[first]!.start, next.start - 1];
    first = at + 1;
  }
  yield [lines[first]!.start, to];
}

/** Parts of a text that no sentence leaves: paragraphs, list items and lines of their own. */
export function* unwrapped(text: string): Generator<[start: number, end: number]> {
  let from = 0;
  for (const { index, 0: blank } of text.matchAll(BLANK)) {
    yield* partsOf(text, from, index);
    from = index + blank.length;
  }
  yield* partsOf(text, from, text.length);
}
