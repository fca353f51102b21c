import type { Analyse } from '../../analyse.types.js';
import { CARRIED } from './asking/anchors.js';
import { measureTold, type TellsMeasure } from './asking/other-measure.js';
import type { Question } from './asking/question.js';
import { ASKING } from './asking/question-languages.js';
import { wholeWords } from './asking/whole-words.js';
import type { Label, ReadPassage } from './passage-reading.js';

/** What the header of a table says of its figures. */
const OF_FIGURES = wholeWords(
  'in|as|of|at|the|and|for|ended|ending|three|six|nine|twelve|months?|quarters?|years?|hundreds?|thousands?|millions?|billions?|mio|mrd|tsd|teur|usd|eur|gbp|chf|except|per|share|amounts?|data|unaudited|audited|tausend|millionen',
);
const NUMBER = /^q?\p{N}[\p{N}./-]*$/u;
/** Shorter beginnings of words tell no stem. */
const SHORTEST_STEM = 4;
const STEM = 0.6;
/** A text instead of a question: what it does not hold cannot be told, and takes long to look for. */
const MOST_TERMS = 32;

/** What a question asks of the thing that it names, as a passage speaks of it. */
export class AskedSubject {
  /** The passage speaks of nothing that is asked but the names and times. */
  private readonly isMissing: boolean;
  /** Asks for something at a time. */
  private readonly isDated: boolean;
  private readonly told: TellsMeasure | undefined;
  private readonly terms: readonly string[];
  /** What is asked beyond names and times. */
  private readonly asked: readonly string[];
  /** What is asked beyond what the document is called. */
  private readonly open: readonly string[];

  constructor(
    private readonly question: Question,
    private readonly place: ReadPassage,
    analyse: Analyse,
  ) {
    const { passage, headings, sentences } = place;
    const { language } = question.wording;
    const { language: found = language, similarity } = passage;
    const isNumbered = question.reference !== undefined || question.namesOnly;
    // A text of another language holds none of the words.
    const isOfWords = !isNumbered && (found === language || similarity === undefined);
    const terms = isOfWords ? [...question.terms].filter((term) => !NUMBER.test(term)) : [];
    this.terms = terms.length > MOST_TERMS ? [] : terms;
    this.open = this.terms.filter((term) => !headings.has(term));
    this.told = asksForMeasure(question)
      ? measureTold(
          question.text.replace(CARRIED, ''),
          // A language without a wording of questions was read as another one.
          Object.hasOwn(ASKING, found) ? [language] : [language, found],
          [...new Set([language, found])],
        )
      : undefined;
    const times = timesOf(question, (text) => analyse(text, found));
    this.asked = this.terms.filter((term) => !question.named.has(term) && !times.has(term));
    const isTold = (term: string): boolean =>
      holdsForm(headings, term) || sentences.some((sentence) => holdsForm(sentence.terms, term));
    this.isDated =
      asksForMeasure(question) && (times.size > 0 || question.anchors.some(({ kind }) => kind === 'year'));
    this.isMissing =
      this.isDated &&
      question.measure === undefined &&
      this.told === undefined &&
      found === language &&
      this.asked.length > 0 &&
      !this.asked.some(isTold);
  }

  /** Whether a sentence tells nothing but other measures than the one that is asked for. */
  tellsAnother(said: string): boolean {
    return this.told?.(said) === 'other';
  }

  /** Whether a sentence holds nothing of what is asked at a time but dates and units. */
  isHeader({ text, terms }: Pick<ReadPassage['sentences'][number], 'text' | 'terms'>): boolean {
    if (!this.isDated || this.asked.length === 0 || this.asked.some((term) => terms.has(term))) return false;
    const { times } = this.question.wording;
    const words = text.match(/\p{L}+/gu) ?? [];
    return words.length > 0 && words.every((word) => times.test(word) || OF_FIGURES.test(word));
  }

  /** Whether nothing in a sentence, beside it or above it speaks of what is asked. */
  isSilent(ordinal: number, labels: readonly Label[]): boolean {
    if (this.isMissing) return true;
    if (this.terms.length === 0) return false;
    const { sentences } = this.place;
    const { terms, text } = sentences[ordinal]!;
    const said = [text, ...labels.map((label) => label.text)];
    if (said.some((one) => this.told?.(one) === 'asked')) return false;
    // Where a title says all but the measure, a number is of what its own sentence names.
    if (this.open.length === 0) return this.told !== undefined && !this.terms.some((term) => terms.has(term));
    const near = [...sentences.slice(Math.max(0, ordinal - 1), ordinal + 2), ...labels];
    return !this.open.some((term) => near.some((one) => holdsForm(one.terms, term)));
  }
}

const asksForMeasure = ({ expects }: Question): boolean => expects === 'number' || expects === 'anything';

function timesOf(
  { text, anchors, wording }: Question,
  termsOf: (text: string) => readonly string[],
): Set<string> {
  const words = text.match(/\p{L}+/gu) ?? [];
  const quarters = anchors.filter(({ kind }) => kind !== 'name').map((anchor) => anchor.text);
  return new Set(termsOf([...words.filter((word) => wording.times.test(word)), ...quarters].join(' ')));
}

/** Whether a term or another form of it is there: not every language has a stemmer. */
function holdsForm(terms: ReadonlySet<string>, term: string): boolean {
  if (terms.has(term)) return true;
  if (term.length < SHORTEST_STEM) return false;
  const stem = term.slice(0, Math.max(SHORTEST_STEM, Math.ceil(STEM * term.length)));
  for (const other of terms) if (other.startsWith(stem) || other.includes(term)) return true;
  return false;
}
