import type { Analyse } from '../../analyse.types.js';
import type { AnswerPassage } from '../../answer.types.js';
import { meets, type Question } from './question.js';
import { splitSentences, type Sentence } from '../../sentences.js';

/** A sentence of a passage with what speaks for it as an answer. */
export interface Evidence extends Sentence {
  passage: AnswerPassage;
  /** Position of the passage in the retrieval, from 0. */
  rank: number;
  /** Position of the sentence in its passage, from 0. */
  ordinal: number;
  text: string;
  terms: ReadonlySet<string>;
  /** Share, by weight, of the question's terms that the sentence holds itself. */
  direct: number;
  /** The same, with part credit for terms of its neighbours, its passage, its headings and title. */
  covered: number;
  /** Holds the kind of thing asked for. */
  fits: boolean;
  /** Says something that the question did not. */
  adds: boolean;
}

/** Sentences beyond this are not looked at: a question costs a bounded time whatever is retrieved. */
const MAX_SENTENCES = 200;

/** How far a term outside the sentence speaks for it: pronouns point back, titles name what the text is about. */
const CREDIT = { before: 0.7, after: 0.3, heading: 0.6, passage: 0.4 } as const;
const SCAFFOLD_WEIGHT = 0.15;
/** Among fewer sentences rarity says nothing: a word of the only sentence would count as common. */
const MIN_SAMPLE = 25;

interface Place {
  passage: AnswerPassage;
  rank: number;
  headings: ReadonlySet<string>;
  sentences: (Sentence & { text: string; terms: ReadonlySet<string> })[];
}

function read(passages: readonly AnswerPassage[], analyse: Analyse): Place[] {
  let left = MAX_SENTENCES;
  return passages.map((passage, rank) => {
    const sentences = splitSentences(passage.text, left).map((sentence) => {
      const text = passage.text.slice(sentence.start, sentence.end);
      return { ...sentence, text, terms: new Set(analyse(text, passage.language)) };
    });
    left -= sentences.length;
    const labels = [passage.title ?? '', ...(passage.headings ?? [])].join('\n');
    const headings = new Set(analyse(labels, passage.language));
    return { passage, rank, headings, sentences };
  });
}

/**
 * Weight of each term of the question: how rare it is among the sentences at hand. One that is nowhere weighs
 * most, so that a question about something else is not covered by its common words.
 */
function weights(question: Question, places: readonly Place[]): Map<string, number> {
  const sentences = places.flatMap((place) => place.sentences);
  const weigh = (term: string): number => {
    const count = sentences.filter((sentence) => sentence.terms.has(term)).length;
    const sample = Math.max(MIN_SAMPLE, sentences.length);
    return Math.log(1 + (sample - count + 0.5) / (count + 0.5));
  };
  return new Map([
    ...[...question.terms].map((term) => [term, weigh(term)] as const),
    ...[...question.scaffold].map((term) => [term, SCAFFOLD_WEIGHT * weigh(term)] as const),
  ]);
}

/** Every sentence of the passages with its evidence, in order. */
export function gather(question: Question, passages: readonly AnswerPassage[], analyse: Analyse): Evidence[] {
  const places = read(passages, analyse);
  const weight = weights(question, places);
  let total = 0;
  for (const term of question.terms) total += weight.get(term) ?? 0;
  return places.flatMap(({ passage, rank, headings, sentences }) => {
    const anywhere = new Set(sentences.flatMap((sentence) => [...sentence.terms]));
    return sentences.map((sentence, ordinal): Evidence => {
      const before = sentences[ordinal - 1]?.terms;
      const after = sentences[ordinal + 1]?.terms;
      let direct = 0;
      let covered = 0;
      for (const [term, value] of weight) {
        const own = sentence.terms.has(term);
        if (own) direct += value;
        const credit = own
          ? 1
          : Math.max(
              before?.has(term) ? CREDIT.before : 0,
              after?.has(term) ? CREDIT.after : 0,
              headings.has(term) ? CREDIT.heading : 0,
              anywhere.has(term) ? CREDIT.passage : 0,
            );
        covered += credit * value;
      }
      const divisor = Math.max(total, Number.EPSILON);
      const adds = [...sentence.terms].some(
        (term) => !question.terms.has(term) && !question.scaffold.has(term),
      );
      return {
        ...sentence,
        passage,
        rank,
        ordinal,
        direct: Math.min(1, direct / divisor),
        covered: Math.min(1, covered / divisor),
        fits: meets(question, sentence.text),
        adds: adds || question.expects === 'confirmation',
      };
    });
  });
}
