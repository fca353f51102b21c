import type { Analyse } from '../../analyse.types.js';
import type { AnswerPassage } from '../../answer.types.js';
import { meets, type Question } from './question.js';
import { splitSentences, type Sentence } from '../../sentences.js';
import { isForm } from './anchors.js';
import { fieldOf, isKnown, tellsKind } from './fields.js';
import { meantBy } from './spelling.js';
import { asksForSender } from './mail-parts.js';
import { groundsOf, type Grounds } from './grounds.js';
import { placesOf, type Place } from './labels.js';

/** A line that names what stands below it. */
export interface Label {
  /** How sure that is; undefined for the heading that a passage stands under. */
  label?: Place['label'];
  text: string;
  terms: ReadonlySet<string>;
}

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
  /** Stands with all that the question names and with the years that it asks about. */
  anchored: boolean;
  /** A field that names nothing of what is asked beyond what the document is called. */
  isBeside: boolean;
  /** Names what stands below and says nothing itself. */
  labelsOnly: boolean;
  /** The question, header row or lead-in that it stands right below. */
  below: string | undefined;
  /** The label above it that is the question, or nearly; only where it holds the kind of thing that this asks for. */
  answersTo: Label | undefined;
  /** A paragraph or item begins here. */
  opens: boolean;
  isItem: boolean;
}

/** A field tells even where all its words are known. */
const NAMED_VALUE = /[\p{L}\p{N})][*_]{0,3}[:：=]\s*\S|[|\t]/u;

/** Sentences beyond this are not looked at: a question costs a bounded time whatever is retrieved. */
const MAX_SENTENCES = 200;

/** How far a term outside the sentence speaks for it: pronouns point back, titles name what the text is about. */
const CREDIT = { named: 0.8, label: 0.9, before: 0.7, after: 0.3, heading: 0.6, passage: 0.4 } as const;
/** Share of the question that a label holds which asks the same, and of the label that the question holds. */
const NEARLY_WHOLE = 0.9;
const SAME_MATTER = 0.6;
const SCAFFOLD_WEIGHT = 0.15;
/** Among fewer sentences rarity says nothing: a word of the only sentence would count as common. */
const MIN_SAMPLE = 25;

interface Read {
  passage: AnswerPassage;
  rank: number;
  /** Terms of title, headings and file name. */
  headings: Set<string>;
  /** The innermost heading that the whole passage stands under. */
  heading: Label | undefined;
  sentences: (Sentence & Place & { text: string; terms: Set<string> })[];
}

interface Analysers {
  analyse: Analyse;
  /** Of file names. */
  nameTerms?: Analyse | undefined;
}

function read(
  question: Question,
  passages: readonly AnswerPassage[],
  { analyse, nameTerms }: Analysers,
): Read[] {
  let left = MAX_SENTENCES;
  return passages.map((passage, rank) => {
    const termsOf = (text: string): Set<string> => {
      const terms = new Set(analyse(text, passage.language));
      for (const one of question.equivalents)
        if (one.terms.some((term) => !terms.has(term)) && one.held(text))
          for (const term of one.terms) terms.add(term);
      return terms;
    };
    const names = [passage.title ?? '', ...(passage.headings ?? [])];
    const spans = splitSentences(passage.text, left);
    const places = placesOf(passage, spans, names);
    const sentences = spans.map((sentence, i) => {
      const text = passage.text.slice(sentence.start, sentence.end);
      return { ...sentence, ...places[i]!, text, terms: termsOf(text) };
    });
    left -= sentences.length;
    const innermost = passage.headings?.at(-1);
    const heading = innermost === undefined ? undefined : { text: innermost, terms: termsOf(innermost) };
    const { fileName, language } = passage;
    const called = (fileName === undefined ? undefined : nameTerms?.(fileName, language)) ?? [];
    const headings = new Set([...termsOf(names.join('\n')), ...called]);
    return { passage, rank, headings, heading, sentences };
  });
}

/**
 * Weight of each term of the question: how rare it is among the sentences at hand. One that is nowhere weighs
 * most, so that a question about something else is not covered by its common words.
 */
function weights(question: Question, places: readonly Read[]): Map<string, number> {
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

const isSpecific = ({ expects }: Question): boolean =>
  expects === 'person' || expects === 'time' || expects === 'number' || expects === 'place';

/** What the weights of a question make of terms. */
class Coverage {
  private readonly total: number;

  constructor(
    private readonly question: Question,
    private readonly weight: ReadonlyMap<string, number>,
  ) {
    let total = 0;
    for (const term of question.terms) total += weight.get(term) ?? 0;
    this.total = Math.max(total, Number.EPSILON);
  }

  /** Share of the question's weight, each term with the credit it gets. */
  share(credit: (term: string) => number): number {
    let sum = 0;
    for (const [term, value] of this.weight) sum += credit(term) * value;
    return Math.min(1, sum / this.total);
  }

  /** Whether a label asks, or names, what the question asks and little else. */
  isAsked({ terms }: Label): boolean {
    const { question } = this;
    if (terms.size === 0) return false;
    const known = [...terms].filter((term) => question.terms.has(term) || question.scaffold.has(term));
    if (known.length < SAME_MATTER * terms.size) return false;
    let covered = 0;
    for (const term of question.terms) if (terms.has(term)) covered += this.weight.get(term) ?? 0;
    return covered >= NEARLY_WHOLE * this.total;
  }
}

/** Every sentence of the passages with its evidence, in order. */
export function gather(
  question: Question,
  passages: readonly AnswerPassage[],
  analysers: Analysers,
): Evidence[] {
  const places = read(question, passages, analysers);
  respell(question, places);
  const grounds = groundsOf(question.anchors, passages, question.wording);
  const coverage = new Coverage(question, weights(question, places));
  return places.flatMap((place) => evidenceOf(question, place, { coverage, grounds }));
}

/** Gives what holds the words that a term means the term. */
function respell(question: Question, places: readonly Read[]): void {
  const said = places.flatMap(({ sentences, headings }) => [
    ...sentences.map(({ terms }) => terms),
    headings,
  ]);
  const known = new Set(said.flatMap((terms) => [...terms]));
  for (const [term, meant] of meantBy(question.terms, known))
    for (const terms of said) if (meant.every((one) => terms.has(one))) terms.add(term);
}

/** The labels above a sentence, its section's first. */
function above({ sentences, heading }: Read, { label, section, inner }: Place): Label[] {
  if (label) return [];
  const labels = [
    section < 0 ? heading : sentences[section],
    inner === undefined ? undefined : sentences[inner],
  ];
  return labels.filter((found) => found !== undefined);
}

/** Whether a sentence with its labels holds the measure, figure or office that is asked for. */
function tellsOf({ measure, attributes }: Question, said: readonly Label[], names: string): boolean {
  const text = said.map((one) => one.text).join('\n');
  return (!measure?.isStrict || measure.held(text)) && attributes.areMet(text, names);
}

interface Judges {
  coverage: Coverage;
  grounds: Grounds;
}

function evidenceOf(question: Question, place: Read, { coverage, grounds }: Judges): Evidence[] {
  const { passage, rank, headings, sentences } = place;
  const anywhere = new Set(sentences.flatMap((sentence) => [...sentence.terms]));
  // A passage of headings alone says what it says: they are all there is.
  const hasBody = sentences.some(({ label }) => !label);
  const aside = sentences.filter((one) => !one.isCell && !one.text.includes('|')).map((one) => one.text);
  const names = [passage.title, ...(passage.headings ?? [])].join('\n');
  const open = [...question.terms].filter((term) => !headings.has(term));
  const isSenderAsked = asksForSender(question.text);
  const asked = new Map<Label, boolean>();
  const isAsked = (label: Label): boolean => {
    if (!asked.has(label)) asked.set(label, coverage.isAsked(label));
    return asked.get(label)!;
  };
  return sentences.map((sentence, ordinal): Evidence => {
    const { terms, label, isCell } = sentence;
    const labels = above(place, sentence);
    const field = label || isCell ? undefined : fieldOf(sentence.text);
    const near = sentence.inner === undefined ? undefined : sentences[sentence.inner];
    const fits = meets(question, sentence.text);
    const answersTo = labels.findLast(
      (one) =>
        !(isCell && one === near) &&
        // What only looks like a heading may be the caption of a picture: "Male Mandarin duck".
        one.label !== 'likely' &&
        isAsked(one) &&
        (fits || !isSpecific(question) || /[?？؟]/.test(one.text)),
    );
    // The names of its columns belong to a row, the question to its answer.
    const joined = [isCell ? near : undefined, answersTo];
    const own = (term: string): number =>
      question.named.has(term) && headings.has(term)
        ? CREDIT.named
        : terms.has(term)
          ? 1
          : joined.some((one) => one?.terms.has(term))
            ? CREDIT.label
            : 0;
    const direct = coverage.share(own);
    const covered = coverage.share((term) =>
      Math.max(
        own(term),
        labels.some((one) => one.terms.has(term)) ? CREDIT.label : 0,
        sentences[ordinal - 1]?.terms.has(term) ? CREDIT.before : 0,
        sentences[ordinal + 1]?.terms.has(term) ? CREDIT.after : 0,
        headings.has(term) ? (field ? CREDIT.label : CREDIT.heading) : 0,
        anywhere.has(term) ? (field && isSenderAsked ? CREDIT.label : CREDIT.passage) : 0,
      ),
    );
    const isNew = (term: string): boolean =>
      !question.terms.has(term) && !question.scaffold.has(term) && !headings.has(term) && !isForm(term);
    const adds =
      !(field && isKnown(field, question.text)) &&
      ([...terms].some(isNew) || NAMED_VALUE.test(sentence.text));
    const tells = label === 'likely' && fits && isSpecific(question) && direct >= NEARLY_WHOLE;
    return {
      ...sentence,
      passage,
      rank,
      ordinal,
      direct,
      covered,
      fits,
      anchored:
        tellsOf(
          question,
          [sentence, ...labels, ...(isCell ? [] : sentences.slice(Math.max(0, ordinal - 1), ordinal))],
          names,
        ) &&
        grounds(passage, {
          text: sentence.text,
          isRow: isCell || sentence.text.includes('|'),
          above: labels.map((one) => one.text),
          aside,
        }),
      adds: adds || question.expects === 'confirmation' || answersTo !== undefined,
      isBeside:
        field !== undefined &&
        !question.namesOnly &&
        !tellsKind(field, question.expects) &&
        open.length > 0 &&
        !open.some((term) => terms.has(term)),
      labelsOnly: label === 'empty' || (label !== undefined && hasBody && !tells),
      below: near?.text,
      answersTo,
    };
  });
}
