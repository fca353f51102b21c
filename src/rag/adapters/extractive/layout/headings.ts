import { isEnded, type Line, LONGEST_HEADING, NAMED_VALUE } from './passage-lines.js';

const HASHES = /(?:^|\n) {0,3}#{1,6}\s+$/u;
const MARKED = /^(?:§{1,2}|Art(?:\.|icle|ikel|ículo|icolo|igo)?)\s?(?=\d)/u;
/** The number of a title: `3.`, `3.1` or `3)`, `§ 3`, `Art. 3`. */
const NUMBER =
  /^(?:(?:§{1,2}|Art(?:\.|icle|ikel|ículo|icolo|igo)?)\s?)?(\d{1,2}(?:\.\d{1,2}){0,3})[.)]?\s+(?=\p{L})/u;
const SMALL = /\p{Ll}/u;
const TWO_WORDS = /\p{Lu}\S*\s.*\p{Lu}/u;
/** Titles that say what a part of any document is called. */
const CONTENTS =
  /^(?:(?:table of )?contents|inhalt(?:sverzeichnis)?|sommaire|table des matières|contenido|[ií]ndice|sumário|sommario|inhoud(?:sopgave)?|innehåll|indhold|innhold|cuprins|içindekiler|содержание|оглавление|περιεχόμενα|目录|目錄|目次|차례|المحتويات)$/u;
const COUNTED =
  /^(?:slide|sheet|page|folie|blatt|seite|diapositiv[aeo]?|feuille|p[aá]gina|hoja|foglio|dia|blad|sida|side|слайд|страница) \d{1,4}(?: ?(?:of|von|de|sur|van|di|av|af|из|\/) ?\d{1,4})?$/u;
/** Lines of the title that a document begins with. */
const MOST_WORDS_OF_A_NAME = 6;
const MOST_TITLE_LINES = 3;

export const folded = (text: string): string =>
  text
    .replace(/[\s#*_]+/gu, ' ')
    .trim()
    .toLowerCase();

/** What a passage may be called: its document's title and the headings above it. */
export class Names {
  private readonly names: readonly string[];

  constructor(names: readonly string[]) {
    this.names = names.map(folded).filter((name) => name !== '');
  }

  has(text: string): boolean {
    return this.names.includes(folded(text));
  }

  /** Whether it is a part of one, of two words at least. */
  hasPart(text: string): boolean {
    const part = folded(text);
    return part.includes(' ') && this.names.some((name) => ` ${name} `.includes(` ${part} `));
  }
}

/** Whether a line only names what stands below it, and how sure that is. */
export function headingKind(
  lines: readonly Line[],
  i: number,
  names: Names,
  isWhole: boolean,
): 'sure' | 'likely' | undefined {
  const line = lines[i]!;
  if (!line.starts || !line.ends) return undefined;
  if (HASHES.test(line.gap) || names.has(line.text) || isOfAnyDocument(line)) return 'sure';
  if (isNumberedTitle(lines, i, isWhole)) return SMALL.test(line.text) ? 'likely' : 'sure';
  const next = lines[i + 1];
  if (isCaption(line, next)) return 'likely';
  if (!isShort(line)) return undefined;
  if (next && names.hasPart(line.text)) return 'likely';
  if (isWhole && i < MOST_TITLE_LINES && isOfTitle(lines, i)) return 'likely';
  if (!line.opens || !next) return undefined;
  if (isWhole && i === 0 && isName(line) && next.opens && lines[2] && !lines[2].opens) return 'likely';
  if (isBody(next) || (isCapitals(line.text) && !isCapitals(next.text))) return 'likely';
  // A title may have a first heading below it; more such lines are notes.
  const second = lines[i + 2];
  const isAbove = i === 0 && next.opens && isShort(next) && second && isBody(second);
  return isAbove ? 'likely' : undefined;
}

/** As short as the name of a document: a longer line may be a note. */
const isName = ({ text }: Line): boolean => text.split(/\s+/).length <= MOST_WORDS_OF_A_NAME;

const isCapitals = (text: string): boolean => TWO_WORDS.test(text) && !SMALL.test(text);

const isOfAnyDocument = ({ text }: Line): boolean => {
  if (text.length > LONGEST_HEADING) return false;
  const name = folded(text).replace(/:$/, '');
  return CONTENTS.test(name) || COUNTED.test(name);
};

const numberOf = (line: Line | undefined): string | undefined =>
  line?.starts ? NUMBER.exec(line.text)?.[1] : undefined;

/** Whether lines with these numbers are neighbours in a list, rather than a section and its first part. */
const areListed = (number: string, next: string | undefined): boolean =>
  next !== undefined && !next.startsWith(`${number}.`);

/** A line with a number that is no item of a list: no other one stands right above or below it. */
function isNumberedTitle(lines: readonly Line[], i: number, isWhole: boolean): boolean {
  const line = lines[i]!;
  const number = numberOf(line);
  if (number === undefined || line.text.length > LONGEST_HEADING || line.isRow) return false;
  if (isEnded(line.text) || NAMED_VALUE.test(line.text)) return false;
  const next = lines[i + 1];
  const below = numberOf(next);
  if (!next || areListed(number, below)) return false;
  const before = lines.slice(0, i).findLast((one) => one.starts);
  const above = numberOf(before);
  if (above !== undefined && areListed(above, number)) return false;
  const title = line.text.replace(NUMBER, '');
  if (/^\p{Lu}{3}/u.test(title) && !SMALL.test(title)) return true;
  // What stood above a passage's first line may have been an item, too.
  const isApart = (line.opens && (isWhole || i > 0)) || number.includes('.') || MARKED.test(line.text);
  return isApart && /^\p{Lu}/u.test(title) && (isBody(next) || below !== undefined);
}

/** Whether the text begins with lines that name it: the first in capitals, then a blank line. */
function isOfTitle(lines: readonly Line[], i: number): boolean {
  if (!isCapitals(lines[0]!.text)) return false;
  const end = lines.findIndex((line, at) => at > 0 && line.opens);
  return i < end && end <= MOST_TITLE_LINES && lines.slice(0, end).every(isShort);
}

/** "Three Months Ended June 30," right above the names of columns that it goes on in. */
const isCaption = (line: Line, next: Line | undefined): boolean =>
  line.opens && line.text.endsWith(',') && !line.isRow && next?.isRow === true && !next.opens;

/** A line of its own that could be a heading. */
const isShort = (line: Line): boolean =>
  line.starts &&
  line.ends &&
  !line.isItem &&
  !line.isRow &&
  line.text.length <= LONGEST_HEADING &&
  !isEnded(line.text) &&
  !NAMED_VALUE.test(line.text);

const isBody = (line: Line): boolean =>
  line.isItem ||
  line.isRow ||
  !line.ends ||
  line.text.length > LONGEST_HEADING ||
  HASHES.test(line.gap) ||
  isEnded(line.text) ||
  NAMED_VALUE.test(line.text);
