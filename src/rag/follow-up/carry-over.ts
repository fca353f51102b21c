import type { Turn } from '../../conversations/conversations.types.js';
import type { Analyse } from '../analyse.types.js';
import { READINGS, type Reading } from './languages.js';

/** Content words that a question of its own has at least. */
const ENOUGH = 3;
/** With so many, words that only point at something point at what the question says itself. */
const PLENTY = 4;
const MAX_CARRIED = 12;
/** Of a question, to tell its language by. */
const TELLING = 300;
const WORD = /[\p{L}\p{N}][\p{L}\p{M}\p{N}'’._-]*/gu;
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]/u;
const SCAFFOLD = new Set(
  'what which who whom whose when where why how much many tell say explain describe give list show name kind type please'.split(
    ' ',
  ),
);

/**
 * A follow-up question as one that stands alone, without a language model: one that points back, goes on or says
 * little gets the content words of the question before it, and names of its answer where it asks about a person.
 */
export function carryOver(question: string, turns: readonly Turn[], analyse: Analyse): string {
  const before = turns.at(-1);
  if (!before) return question;
  const reading = languageOf(question, before.question, analyse);
  const stemsOf = (text: string): readonly string[] => analyse(text, reading.language);
  if (!dependsOn(question, reading, stemsOf)) return question;
  const known = new Set(stemsOf(question));
  const carried: string[] = [];
  const take = (word: string): void => {
    const stems = stemsOf(word);
    if (stems.every((stem) => known.has(stem))) return;
    for (const stem of stems) known.add(stem);
    if (carried.length < MAX_CARRIED) carried.push(word);
  };
  if (before.supported && reading.people.test(question))
    for (const [name] of before.answer.replace(/\[\d+\]/g, ' ').matchAll(reading.name))
      for (const word of name.split(/\s+/)) take(word);
  for (const word of before.standalone.match(WORD) ?? [])
    if (!SCAFFOLD.has(word.toLowerCase()) && !reading.verb?.test(word)) take(word);
  return carried.length === 0 ? question : `${question.trim()} (${carried.join(' ')})`;
}

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

type Stems = (text: string) => readonly string[];

function dependsOn(question: string, reading: Reading, stemsOf: Stems): boolean {
  const said = reading.idle ? question.replace(reading.idle, ' ') : question;
  if (reading.beginnings.test(said) || reading.pronouns.test(said)) return true;
  const own = contentWords(question, stemsOf);
  return own < ENOUGH || (own < PLENTY && reading.pointers.test(withoutRelative(said, stemsOf)));
}

/** In "the book that won", that is the book. */
const withoutRelative = (question: string, stemsOf: Stems): string =>
  question.replace(/(?<![\p{L}\p{N}])([\p{L}\p{N}]+)\s+that\b/giu, (found, word: string) =>
    stemsOf(word).length > 0 ? word : found,
  );

const contentWords = (question: string, stemsOf: Stems): number =>
  (question.match(WORD) ?? [])
    .filter((word) => !SCAFFOLD.has(word.toLowerCase()))
    .reduce((sum, word) => {
      const stems = stemsOf(word).length;
      return sum + (UNSPACED.test(word) ? stems : Math.min(1, stems));
    }, 0);
