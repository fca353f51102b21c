import type { Analyse } from '../../analyse.types.js';
import { identifiersOf, withoutIdentifiers, type Identifier } from './identifiers.js';
import { littleTerms, wordingFor, type Expectation, type Wording } from './question-wording.js';

export interface Question {
  text: string;
  /** Distinct stems to look for. */
  terms: ReadonlySet<string>;
  /** Stems of the scaffold: worth little, but "called" in an answer to "what is it called" is no accident. */
  scaffold: ReadonlySet<string>;
  expects: Expectation;
  /** What an answer has to be about. */
  identifiers: readonly Identifier[];
  /** Asks for nothing but what it names. */
  namesOnly: boolean;
  wording: Wording;
}

/** In Japanese what is written in these is grammar, with few exceptions. */
const GRAMMAR = /^\p{Script=Hiragana}+$/u;

/**
 * Words that ask rather than say what about are the scaffold, and so is an identifier that says what is asked about: a line
 * below it need not repeat it.
 * @param language of what was found, which the question is analysed in
 */
export function readQuestion(text: string, analyse: Analyse, language?: string): Question {
  const wording = wordingFor(text, language);
  const identifiers = identifiersOf(text);
  const asked = kindOf(wording, text);
  const all = new Set(analyse(text, language));
  const rest = withoutIdentifiers(without(text, asked.at, wording), identifiers);
  const little = littleTerms(wording, analyse, language);
  const terms = new Set(analyse(rest, language).filter((term) => !little.has(term) && !GRAMMAR.test(term)));
  // "What is it called?" has nothing else to go by.
  const bare = terms.size === 0;
  return {
    text,
    terms: bare ? all : terms,
    scaffold: bare ? new Set() : new Set([...all].filter((term) => !terms.has(term))),
    expects: asked.kind,
    identifiers,
    namesOnly: bare && identifiers.length > 0,
    wording,
  };
}

interface Asked {
  kind: Expectation;
  at?: { start: number; end: number };
}

/** What is asked for, by the first words that ask. */
function kindOf(wording: Wording, text: string): Asked {
  let first: Asked | undefined;
  for (const [pattern, kind] of wording.kinds) {
    const found = pattern.exec(text);
    if (!found || (first?.at && first.at.start <= found.index)) continue;
    first = { kind, at: { start: found.index, end: found.index + found[0].length } };
  }
  return first ?? { kind: wording.confirmation?.test(text) ? 'confirmation' : 'anything' };
}

/** "How long is the warranty?" asks for a number; nothing long is looked for. */
function without(text: string, at: Asked['at'], wording: Wording): string {
  const rest = at ? `${text.slice(0, at.start)} ${text.slice(at.end)}` : text;
  return wording.little ? rest.replace(wording.little, ' ') : rest;
}

const NAME = /(?<=\S\s+)\p{Lu}[\p{L}'-]+/gu;
/** Scripts without capitals do not show what is a name. */
const CAPITALS = /\p{Lu}|\p{Ll}/u;

/** Whether a sentence holds the kind of thing asked for, apart from what the question itself brought. */
export function meets(question: Question, sentence: string): boolean {
  const { wording } = question;
  switch (question.expects) {
    case 'number':
      return /\p{Nd}/u.test(withoutQuestionNumbers(question, sentence)) || wording.amounts.test(sentence);
    case 'time':
      return /\p{Nd}/u.test(withoutQuestionNumbers(question, sentence)) || wording.times.test(sentence);
    case 'person':
    case 'place':
      return (
        !CAPITALS.test(sentence) || (sentence.match(NAME) ?? []).some((name) => !question.text.includes(name))
      );
    case 'explanation':
      return wording.reasons.test(sentence);
    default:
      return true;
  }
}

function withoutQuestionNumbers(question: Question, sentence: string): string {
  const known = new Set(question.text.match(/\p{Nd}+/gu));
  return sentence.replace(/\p{Nd}+/gu, (number) => (known.has(number) ? '' : number));
}
