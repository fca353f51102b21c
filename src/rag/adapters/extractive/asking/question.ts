import type { Analyse } from '../../../analyse.types.js';
import type { AnswerPassage } from '../../../answer.types.js';
import { anchorsOf, CARRIED, isForm, type Anchor } from './anchors.js';
import { dayAsked, type AskedDay } from './dates.js';
import { equivalentsOf, type Equivalent } from './equivalents.js';
import { fieldOf, fieldWordsOf, tellsKind } from './fields.js';
import {
  asksPermission,
  isCountry,
  needsPermission,
  permissionWordsOf,
  tellsOfAbroad,
  tellsPermission,
} from './permissions.js';
import { attributesOf, type Attributes } from './attributes.js';
import { measureOf, type Measure } from './measures.js';
import {
  identifiersOf,
  versionsOf,
  withoutCodes,
  withoutIdentifiers,
  type Identifier,
} from './identifiers.js';
import { hanRunsOf } from './han-runs.js';
import { unaccented, withoutBareWords } from './unaccented.js';
import { referenceOf, type Reference } from './references.js';
import { littleTerms, wordingFor, type Expectation, type Wording } from './question-wording.js';

export interface Question {
  text: string;
  /** What it was analysed in. */
  language: string | undefined;
  /** Distinct stems to look for. */
  terms: ReadonlySet<string>;
  /** Those of them that only a question before it named: they tell what is meant, not what is asked. */
  carried: ReadonlySet<string>;
  /** Stems of the scaffold: worth little, but "called" in an answer to "what is it called" is no accident. */
  scaffold: ReadonlySet<string>;
  expects: Expectation;
  /** Asks how to do something, which numbered steps tell. */
  asksSteps: boolean;
  /** What an answer has to be about. */
  identifiers: readonly Identifier[];
  /** The numbered part of a document that is asked about. */
  reference: Reference | undefined;
  /** Asks for nothing but what it names. */
  namesOnly: boolean;
  /** Terms that a text may hold in other words. */
  equivalents: readonly Equivalent[];
  /** Names and years that an answer has to be about. */
  anchors: readonly Anchor[];
  /** Terms of the names: where title or headings hold them, all that is said below is about them. */
  named: ReadonlySet<string>;
  /** With its terms: what is called by it is about it. */
  day: (AskedDay & { terms: ReadonlySet<string> }) | undefined;
  /** The kind of measure that is asked for. */
  measure: Measure | undefined;
  attributes: Attributes;
  wording: Wording;
}

/** Of a question for its day: what is pasted as one must not cost more. */
const MOST_READ = 2_000;
/** In Japanese what is written in these is grammar, with few exceptions. */
const GRAMMAR = /^\p{Script=Hiragana}+$/u;

/**
 * Words that ask rather than say what about are the scaffold, and so is an identifier that says what is asked about: a line
 * below it need not repeat it.
 * @param language of what was found, which the question is analysed in
 */
export function readQuestion(
  text: string,
  analyse: Analyse,
  language?: string,
  found: readonly AnswerPassage[] = [],
): Question {
  const wording = wordingFor(text, language);
  const identifiers = identifiersOf(text);
  const asked = kindOf(wording, text);
  const all = new Set(analyse(text, language));
  const said = withoutBareWords(without(text, asked.at, wording), wording.language, language);
  const rest = withoutIdentifiers(said, identifiers);
  const little = littleTerms(wording, analyse, language);
  const terms = new Set(analyse(rest, language).filter((term) => !little.has(term) && !GRAMMAR.test(term)));
  const versions = new Set(analyse(versionsOf(identifiers), language));
  const measure = measureOf(text, analyse, language);
  for (const term of measure?.terms ?? []) terms.add(term);
  const equivalents = equivalentsOf(text, identifiers, analyse, language);
  if (measure && measure.terms.length > 0) equivalents.push(measure);
  const attributes = attributesOf(text, analyse, language);
  const reference = referenceOf(text, analyse, language);
  // An office may be called otherwise, and so may a part of a document.
  const anchors = anchorsOf(text, wording, found).filter(
    (anchor) =>
      anchor.text !== reference?.word && !attributes.equivalents.some((office) => office.held(anchor.text)),
  );
  equivalents.push(
    ...attributes.equivalents,
    ...fieldWordsOf(text, analyse, language),
    ...permissionWordsOf(text, analyse, language),
    ...hanRunsOf([withoutAsking(text, asked.at), rest], terms),
  );
  if (asksPermission(text))
    for (const name of anchors)
      if (isCountry(name.text, wording.language))
        equivalents.push({ terms: analyse(name.text, language), held: tellsOfAbroad });
  const day = dayAsked(text.slice(0, MOST_READ), wording.language);
  // "What is it called?" has nothing else to go by.
  const bare = terms.size === 0;
  return {
    text,
    language,
    terms: bare ? all : terms,
    carried: carriedOf(text, terms, (own) => analyse(own, language)),
    scaffold: bare ? new Set() : new Set([...all].filter((term) => !terms.has(term) && !versions.has(term))),
    expects: measure ? 'number' : asked.kind,
    asksSteps: !measure && STEPWISE.has(asked.kind) && ASKS_STEPS.test(text),
    identifiers,
    reference,
    equivalents,
    anchors,
    named: new Set(
      anchors.filter(({ kind }) => kind === 'name').flatMap((name) => analyse(name.text, language)),
    ),
    day: day && { ...day, terms: new Set(analyse(day.text, language)) },
    namesOnly: bare && identifiers.length > 0,
    measure,
    attributes,
    wording,
  };
}

/** None where the question itself names nothing: "Why? (bridge closed)". */
function carriedOf(
  text: string,
  terms: ReadonlySet<string>,
  stemsOf: (text: string) => readonly string[],
): Set<string> {
  if (!CARRIED.test(text)) return new Set();
  const own = new Set(stemsOf(text.replace(CARRIED, '')));
  const carried = [...terms].filter((term) => !own.has(term));
  return new Set(carried.length < terms.size ? carried : []);
}

interface Asked {
  kind: Expectation;
  at?: { start: number; end: number };
}

/** What is asked for, by the first words that ask, as they are written, else without accents. */
function kindOf(wording: Wording, text: string): Asked {
  const first = firstOf(wording.kinds, text) ?? firstOf(wording.bareKinds, unaccented(text));
  return first ?? { kind: wording.confirmation?.test(text) ? 'confirmation' : 'anything' };
}

function firstOf(kinds: Wording['kinds'], text: string): Asked | undefined {
  let first: Asked | undefined;
  for (const [pattern, kind] of kinds) {
    const found = pattern.exec(text);
    if (!found || (first?.at && first.at.start <= found.index)) continue;
    first = { kind, at: { start: found.index, end: found.index + found[0].length } };
  }
  return first;
}

const withoutAsking = (text: string, at: Asked['at']): string =>
  at ? `${text.slice(0, at.start)} ${text.slice(at.end)}` : text;

/** "How long is the warranty?" asks for a number; nothing long is looked for. */
function without(text: string, at: Asked['at'], wording: Wording): string {
  const rest = withoutAsking(text, at);
  return wording.little ? rest.replace(wording.little, ' ') : rest;
}

/** Times of a chat, numbers of items, steps and codes: what they stand before is said without them. */
const PREFIX =
  /^\s*(?:[-*•]\s+)?(?:\[[^\]\n]*\p{Nd}[^\]\n]*\]|\(?\d{1,3}(?:\.\d{1,3})*[.)](?=\s)|\p{L}{2,12}\s\d{1,3}\s?[:.)](?=\s)|\p{Lu}{1,4}-?\d{1,5}[:.)]?(?=\s))\s*/u;
/** The number of an item whose first word begins a sentence or a heading, as it would without the number. */
const COUNTED = /^\s*\(?\d{1,3}(?:\.\d{1,3})*[.)]\s+(?=\p{L}+\s+\p{Ll})/u;
const NAME = /(?<=\S\s+)\p{Lu}['’-]?\p{L}[\p{L}'-]*/gu;
const CODED = /\p{L}\p{Nd}|\p{L}[-_./]\p{Nd}|\p{Nd}[-_./]?\p{L}/u;
/** Scripts without capitals do not show what is a name. */
const CAPITALS = /\p{Lu}|\p{Ll}/u;

/** What mends something needs no word that gives reasons; how to do another thing is told by its own words. */
const ASKS_REMEDY =
  /^\W*how (?:do|can|should|must|may) (?:i|we|you|one) (?:fix|solve|resolve|repair|clear)\b/iu;

/** In English and German; a numbered item says what to do without a word of reason. */
const ASKS_STEPS =
  /\bhow (?:do|can|could|should|must|may|to)\b|\b(?:steps|procedure|instructions)\b(?= (?:for|to|of|in|when)\b|\W*$)|(?<!\p{L})wie (?:\p{L}+ (?:ich|man|wir)|geht)(?!\p{L})|(?<!\p{L})(?:schritte|anleitung)(?!\p{L})/iu;
const STEPWISE: ReadonlySet<Expectation> = new Set(['explanation', 'anything']);
const STEP = /^\s*(?:\(?\d{1,2}[.)]|\p{L}{2,12} \d{1,2} ?[:.)])\s+\S/u;

/** Whether a sentence holds the kind of thing asked for, apart from what the question itself brought. */
export function meets(question: Question, said: string): boolean {
  const { wording } = question;
  const sentence = said.replace(PREFIX, '');
  const field = fieldOf(said);
  if (field && tellsKind(field, question.expects)) return true;
  switch (question.expects) {
    case 'number':
      if (question.measure && (question.measure.isEnough || !question.measure.held(said)))
        return question.measure.held(said);
      return /\p{Nd}/u.test(withoutQuestionNumbers(question, sentence)) || wording.amounts.test(sentence);
    case 'time':
      return /\p{Nd}/u.test(withoutQuestionNumbers(question, sentence)) || wording.times.test(sentence);
    case 'person':
    case 'place':
      return (
        !CAPITALS.test(sentence) ||
        [...said.replace(COUNTED, '').matchAll(NAME)].some(
          ([name]) => !question.text.includes(name) && isName(name, wording),
        )
      );
    case 'explanation':
      return (
        wording.reasons.test(sentence) ||
        ASKS_REMEDY.test(question.text) ||
        (question.asksSteps && STEP.test(said))
      );
    case 'confirmation':
      return !needsPermission(question.text) || tellsPermission(sentence);
    default:
      return true;
  }
}

/** A month is no place, and a legal form no person. */
const isName = (word: string, { times }: Wording): boolean =>
  !times.test(word) && !isForm(word.toLowerCase());

/** Numbers that the question brought, and parts of what is named by letters and digits, are no answer. */
function withoutQuestionNumbers(question: Question, text: string): string {
  const sentence = CODED.test(text) ? withoutCodes(text) : text;
  const known = new Set(question.text.match(/\p{Nd}+/gu));
  return sentence.replace(/\p{Nd}+/gu, (number) => (known.has(number) ? '' : number));
}
