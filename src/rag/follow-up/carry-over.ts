import type { Turn } from '../../conversations/conversations.types.js';

/** Words that point back at something said before. */
const POINTS_BACK =
  /\b(it|its|itself|they|them|their|theirs|this|that|these|those|there|then|he|him|his|she|her|hers|the (?:same|former|latter|other|others)|one|ones|so)\b/i;
const PERSON = /\b(he|him|his|she|her|hers|they|them|their|theirs)\b/i;
/** Beginnings of questions that go on. */
const GOES_ON =
  /^\s*(and|or|but|so|then|also|what about|how about|what else|why|why not|how so|how come|since when|who else|where else|any other|more|und|et|y)\b/i;
/** Content words that a question of its own has at least. */
const ENOUGH = 3;
const MAX_CARRIED = 12;
/** Verbs of the question before would only ask it again. */
const VERB = /^\p{Ll}+(?:ed|ing)$/u;
const WORD = /[\p{L}\p{N}][\p{L}\p{M}\p{N}'’._-]*/gu;
const NAME = /^(?:\p{Lu}[\p{L}\p{M}'’-]+|.*\d.*)$/u;
const SCAFFOLD = new Set(
  'what which who whom whose when where why how much many tell say explain describe give list show name kind type please'.split(
    ' ',
  ),
);

/** Stems of a text's content words, as the word index has them. */
export type Analyse = (text: string) => readonly string[];

/**
 * A follow-up question as one that stands alone, without a language model: one that points back, goes on or says
 * little gets the content words of the question before it, and names of its answer where it asks about a person.
 */
export function carryOver(question: string, turns: readonly Turn[], analyse: Analyse): string {
  const before = turns.at(-1);
  if (!before || !dependsOn(question, analyse)) return question;
  const known = new Set(analyse(question));
  const carried: string[] = [];
  const take = (word: string): void => {
    const stems = analyse(word);
    if (stems.every((stem) => known.has(stem))) return;
    for (const stem of stems) known.add(stem);
    if (carried.length < MAX_CARRIED) carried.push(word);
  };
  if (before.supported && PERSON.test(question))
    for (const word of before.answer.replace(/\[\d+\]/g, ' ').match(WORD) ?? [])
      if (NAME.test(word)) take(word);
  for (const word of before.standalone.match(WORD) ?? [])
    if (!SCAFFOLD.has(word.toLowerCase()) && !VERB.test(word)) take(word);
  return carried.length === 0 ? question : `${question.trim()} (${carried.join(' ')})`;
}

function dependsOn(question: string, analyse: Analyse): boolean {
  return POINTS_BACK.test(question) || GOES_ON.test(question) || contentWords(question, analyse) < ENOUGH;
}

const contentWords = (question: string, analyse: Analyse): number =>
  (question.match(WORD) ?? []).filter((word) => !SCAFFOLD.has(word.toLowerCase()) && analyse(word).length > 0)
    .length;
