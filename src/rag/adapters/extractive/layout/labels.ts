import type { Sentence } from '../../../text/sentences.js';
import { headerRows } from './header-rows.js';
import { headingKind, Names } from './headings.js';
import { CLOSING, type Line, linesOf } from './passage-lines.js';

/** What a sentence is in its passage: a label only names what stands below. */
export interface Place {
  /**
   * Questions and lines of a table of contents are empty: never an answer. Sure ones are where there is nothing else, a
   * likely one also where it holds all that was asked for.
   */
  label: 'empty' | 'sure' | 'likely' | undefined;
  /** The heading above it, as its sentence's position; -1 is the heading that the whole passage stands under. */
  section: number;
  /** Question, header row or lead-in right above it. */
  inner: number | undefined;
  /** Whether the inner label is the header row of a table. */
  isCell: boolean;
  /** Whether a new paragraph or item begins here. */
  opens: boolean;
  isItem: boolean;
}

const ENDS_AS_QUESTION = new RegExp(`[?？؟]${CLOSING}`, 'u');
const LEADS_IN = new RegExp(`[:：]${CLOSING}`, 'u');
const ASKED_BY =
  /^[*_]{0,3}(?:Q|F|P|D|V|Frage|Question|Pregunta|Pergunta|Domanda|Vraag|问|問|質問)\s?\d{0,3}\s?[.:：)]/u;
/** A question only where answers are marked as well: `P2:` may be a priority, `D1:` a deadline. */
const LETTER_CODE = /^[*_]{0,3}\p{L}\s?\d{1,3}\s?[.:：)]/u;
const ANSWERED_BY =
  /^[*_]{0,3}(?:A|R|Antwort|Answer|Réponse|Respuesta|Resposta|Risposta|Antwoord|答)\s?\d{0,3}\s?[.:：)]/u;
const LEADERS = /(?:[.·_…][^\S\n]?){5}|…[^\S\n]?…/u;
const PAGE_NUMBER = /^(?:\d{1,5}|[ivxlc]{1,7})$/iu;

/** Where each sentence of a passage stands, and which of them only label; `names` are its title and headings. */
export function placesOf(
  passage: { text: string; charStart: number },
  sentences: readonly Sentence[],
  names: readonly string[],
): Place[] {
  const lines = linesOf(passage.text, sentences);
  const called = new Names(names);
  const isWhole = passage.charStart === 0;
  const headers = headerRows(lines, isWhole);
  const isAnswered = lines.some(({ starts, text }) => starts && ANSWERED_BY.test(text));
  const places: Place[] = [];
  let section = -1;
  let inner: number | undefined;
  /** What the inner label reaches: rows, items, or all up to the next label. */
  let reach: 'rows' | 'items' | 'all' = 'all';
  let contents = false;
  for (const [i, line] of lines.entries()) {
    if ((reach === 'rows' && line.starts && !line.isRow) || (reach === 'items' && line.opens && !line.isItem))
      [inner, reach] = [undefined, 'all'];
    contents = isContents(line, contents);
    const isEmpty = contents || isQuestion(line, isAnswered);
    const label: Place['label'] = isEmpty
      ? 'empty'
      : headers.has(i)
        ? 'sure'
        : headingKind(lines, i, called, isWhole);
    const place = { label, section, inner, isCell: reach === 'rows', opens: line.opens, isItem: line.isItem };
    places.push(label ? { ...place, inner: undefined } : place);
    if (contents) continue;
    if (isEmpty) [inner, reach] = [i, 'all'];
    else if (label && headers.has(i)) {
      // Of several rows of names the first says most: what the columns are about.
      if (reach !== 'rows' || line.opens) [inner, reach] = [i, 'rows'];
    } else if (label) [section, inner, reach] = [i, undefined, 'all'];
    else if (line.ends && LEADS_IN.test(line.text) && inner === undefined) [inner, reach] = [i, 'items'];
  }
  return places;
}

const isQuestion = ({ starts, text }: Line, isAnswered: boolean): boolean =>
  starts && (ENDS_AS_QUESTION.test(text) || (ASKED_BY.test(text) && (isAnswered || !LETTER_CODE.test(text))));

/** A line of a table of contents: dots lead to the number of a page, which may count as a sentence. */
const isContents = (line: Line, before: boolean): boolean =>
  LEADERS.test(line.text) || (before && !line.starts && PAGE_NUMBER.test(line.text));
