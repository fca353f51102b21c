import type { Analyse } from '../../analyse.types.js';
import type { AnswerPassage } from '../../answer.types.js';
import { splitSentences, type Sentence } from '../../text/sentences.js';
import { placesOf, type Place } from './layout/labels.js';
import type { Question } from './asking/question.js';
import { meantBy } from './asking/spelling.js';

/** A line that names what stands below it. */
export interface Label {
  /** How sure that is; undefined for the heading that a passage stands under. */
  label?: Place['label'];
  text: string;
  terms: ReadonlySet<string>;
}

/** A passage as sentences and terms. */
export interface ReadPassage {
  passage: AnswerPassage;
  /** Position of the passage in the retrieval, from 0. */
  rank: number;
  /** Terms of title, headings and file name. */
  headings: Set<string>;
  /** The innermost heading that the whole passage stands under. */
  heading: Label | undefined;
  sentences: (Sentence & Place & { text: string; terms: Set<string> })[];
}

export interface Analysers {
  analyse: Analyse;
  /** Of file names. */
  nameTerms?: Analyse | undefined;
}

/** Sentences beyond this are not looked at: a question costs a bounded time whatever is retrieved. */
const MAX_SENTENCES = 200;

/** Cuts passages into sentences; what means a term of the question has that term. */
export function readPassages(
  question: Question,
  passages: readonly AnswerPassage[],
  analysers: Analysers,
): ReadPassage[] {
  let left = MAX_SENTENCES;
  const places = passages.map((passage, rank) => {
    const place = readPassage(question, { passage, rank, most: left }, analysers);
    left -= place.sentences.length;
    return place;
  });
  respell(question, places);
  return places;
}

function readPassage(
  question: Question,
  { passage, rank, most }: { passage: AnswerPassage; rank: number; most: number },
  { analyse, nameTerms }: Analysers,
): ReadPassage {
  // What was too short or too mixed to tell its language is most likely written in that of its neighbours.
  const { fileName, language = question.language, text: whole } = passage;
  const termsOf = (text: string): Set<string> => {
    const terms = new Set(analyse(text, language));
    for (const one of question.equivalents)
      if (one.terms.some((term) => !terms.has(term)) && one.held(text))
        for (const term of one.terms) terms.add(term);
    return terms;
  };
  const names = [passage.title ?? '', ...(passage.headings ?? [])];
  const spans = splitSentences(whole, most);
  const places = placesOf(passage, spans, names);
  const sentences = spans.map((sentence, i) => {
    const text = whole.slice(sentence.start, sentence.end);
    return { ...sentence, ...places[i]!, text, terms: termsOf(text) };
  });
  const innermost = passage.headings?.at(-1);
  const heading = innermost === undefined ? undefined : { text: innermost, terms: termsOf(innermost) };
  const called = (fileName === undefined ? undefined : nameTerms?.(fileName, language)) ?? [];
  const headings = new Set([...termsOf(names.join('\n')), ...called]);
  return { passage, rank, headings, heading, sentences };
}

/** Gives what holds the words that a term means the term. */
function respell(question: Question, places: readonly ReadPassage[]): void {
  const said = places.flatMap(({ sentences, headings }) => [
    ...sentences.map(({ terms }) => terms),
    headings,
  ]);
  const known = new Set(said.flatMap((terms) => [...terms]));
  for (const [term, meant] of meantBy(question.terms, known))
    for (const terms of said) if (meant.every((one) => terms.has(one))) terms.add(term);
}
