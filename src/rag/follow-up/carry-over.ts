import type { Turn } from '../../conversations/conversations.types.js';
import type { Analyse } from '../analyse.types.js';
import { contentWords, dependenceOf, shapesOf, withoutCourtesy } from './dependence.js';
import { READINGS, type Reading } from './languages.js';
import { isFigure, namesOf, shapeOf, type Stems, withoutOwned, wordsOf } from './words.js';

const MAX_CARRIED = 12;
/** Of a question, to tell its language by. */
const TELLING = 300;

/**
 * A follow-up question as one that stands alone, without a language model: one that points back, goes on or names nothing
 * gets the content words of the question before it and of the one that began the subject, and names of the answer
 * before it where it asks about a person.
 */
export function carryOver(question: string, turns: readonly Turn[], analyse: Analyse): string {
  const last = turns.at(-1);
  if (!last) return question;
  const reading = languageOf(question, last.question, analyse);
  const stemsOf = (text: string): readonly string[] => analyse(text, reading.language);
  const said = turns.filter((turn) => turn.standalone !== turn.question || !isEmpty(turn, stemsOf, analyse));
  const before = said.at(-1);
  if (!before) return question;
  const dependence = dependenceOf(question, reading, stemsOf, wordsOf(before.standalone));
  if (dependence === 'none') return question;
  const known = new Set(stemsOf(question));
  const carried: string[] = [];
  const take = (word: string): void => {
    const stems = stemsOf(word);
    if (stems.every((stem) => known.has(stem))) return;
    for (const stem of stems) known.add(stem);
    if (carried.length < MAX_CARRIED) carried.push(word);
  };
  if (before.supported && reading.people.test(question)) {
    const named = { capitalNouns: reading.capitalNouns, things: reading.peopleOrThings };
    for (const name of namesOf(before.answer.replace(/\[\d+\]/g, ' '), named, stemsOf)) take(name);
  }
  // "And E27?" asks of it in the place of E11; "Was it more than in 2022?" of both.
  const replaced = shapesOf(dependence === 'refers' ? [] : wordsOf(question));
  const asksOfFigures = wordsOf(question).every((word) => isFigure(word) || stemsOf(word).length === 0);
  const hasOwned = reading.owners?.test(question) === true;
  const newer = new Set(replaced);
  for (const text of subjectsOf(said, dependence === 'part' && !asksOfFigures, reading, stemsOf)) {
    const words = hasOwned ? withoutOwned(wordsOf(text)) : wordsOf(text);
    const left = words.filter((word) => !reading.verb?.test(word) && !newer.has(shapeOf(word) ?? ''));
    for (const word of left) take(word);
    // A period asked for in between took the place of the one before.
    for (const shape of shapesOf(left.filter(isFigure))) newer.add(shape);
  }
  return carried.length === 0 ? question : `${question.trim()} (${carried.join(' ')})`;
}

/** Thanks may be in another language than what is asked. */
function isEmpty(turn: Turn, stemsOf: Stems, analyse: Analyse): boolean {
  const rest = withoutCourtesy(turn.question);
  if (rest === turn.question) return contentWords(rest, stemsOf) === 0;
  const { language } = languageOf(turn.question, turn.question, analyse);
  return contentWords(rest, (text) => analyse(text, language)) === 0;
}

const saysSomething = ({ question }: Turn, reading: Reading, stemsOf: Stems): boolean =>
  contentWords(withoutCourtesy(question).replace(reading.beginnings, ''), stemsOf) > 0;

/**
 * What the turns were about: the last one that says something itself, and the one that began the subject, never what
 * was asked between them, so that a conversation does not pile up. After "What about X?", "And Y?" takes its place.
 */
function subjectsOf(turns: readonly Turn[], isPart: boolean, reading: Reading, stemsOf: Stems): string[] {
  const subjects: string[] = [];
  for (const [i, turn] of [...turns.entries()].toReversed()) {
    if (i === 0 || !wasCarriedInto(turn)) return [...subjects, turn.standalone];
    if (subjects.length > 0 || !saysSomething(turn, reading, stemsOf)) continue;
    const isSibling = isPart && dependenceOf(turn.question, reading, stemsOf) === 'part';
    subjects.push(isSibling ? '' : turn.question);
  }
  return subjects;
}

/** Not so where a language model wrote the question anew: then that says all it needs. */
const wasCarriedInto = ({ question, standalone }: Turn): boolean =>
  standalone.startsWith(`${question.trim()} (`);

/**
 * The language whose stop words leave least of a question; where several leave the same, that of the question before it,
 * which had more words to tell it by. Documents may be in another one.
 */
function languageOf(question: string, before: string, analyse: Analyse): Reading {
  let best: { reading: Reading; left: number; leftBefore: number } | undefined;
  for (const reading of READINGS) {
    const left = analyse(question.slice(0, TELLING), reading.language).length;
    if (best && left > best.left) continue;
    const leftBefore = analyse(before.slice(0, TELLING), reading.language).length;
    if (!best || left < best.left || leftBefore < best.leftBefore) best = { reading, left, leftBefore };
  }
  return best!.reading;
}
