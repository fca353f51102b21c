import type { AnswerPassage } from '../../answer.types.js';
import type { Analyse } from '../../analyse.types.js';
import type { Sentence } from '../../text/sentences.js';
import { AskedFields } from './asked-fields.js';
import { AskedSubject } from './asked-subject.js';
import { Coverage, NEARLY_WHOLE } from './coverage.js';
import { fieldOf, isKnown, tellsKind, type Field } from './asking/fields.js';
import { groundsOf, type Grounds } from './grounds.js';
import type { Place } from './layout/labels.js';
import { asksForSender } from './layout/mail-parts.js';
import { isOfOtherPart, partsAsked, type Parts } from './numbered-parts.js';
import { readPassages, type Analysers, type Label, type ReadPassage } from './passage-reading.js';
import { meets, type Question } from './asking/question.js';
import { saysMore } from './says-more.js';

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
  /** Holds something that the question itself names, not only what it carries from one before; by its labels, too. */
  isOwn: boolean;
  /** A field that is called what is asked of the thing that stands beside it. */
  isAsked: boolean;
  /** A field that names nothing of what is asked beyond what the document is called. */
  isBeside: boolean;
  /** Its document is called by another day than is asked about, and one that was found by that day. */
  isOfOtherDay: boolean;
  /** Neither it nor what stands around it speaks of what is asked beyond what the document is called. */
  isSilent: boolean;
  /** Names what stands below and says nothing itself. */
  labelsOnly: boolean;
  /** The question, header row or lead-in that it stands right below. */
  below: string | undefined;
  /**
   * The label above it that is the question, or nearly, or begins the part that is asked about; only where it holds the
   * kind of thing that this asks for.
   */
  answersTo: Label | undefined;
  /** A paragraph or item begins here. */
  opens: boolean;
  isItem: boolean;
}

/** How far a term outside the sentence speaks for it: pronouns point back, titles name what the text is about. */
const CREDIT = { named: 0.8, label: 0.9, before: 0.7, after: 0.3, heading: 0.6, passage: 0.4 } as const;

const isOfTable = ({ isCell, text }: { isCell: boolean; text: string }): boolean =>
  isCell || text.includes('|');

const isSpecific = ({ expects }: Question): boolean =>
  expects === 'person' || expects === 'time' || expects === 'number' || expects === 'place';

/** The labels above a sentence, its section's first. */
function above({ sentences, heading }: ReadPassage, { label, section, inner }: Place): Label[] {
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
  analyse: Analyse;
  parts: Parts;
  /** Whether something found is called by the day that is asked about. */
  isDayFound: boolean;
}

/** Title, headings and file name, which name the day of a meeting or report. */
const namesOf = ({ title, headings = [], fileName }: AnswerPassage): string =>
  [title, ...headings, fileName].filter(Boolean).join('\n');

type ReadSentence = ReadPassage['sentences'][number];

/** What the sentences of one passage say to a question. */
class PassageEvidence {
  private readonly anywhere: ReadonlySet<string>;
  /** A passage of headings alone says what it says: they are all there is. */
  private readonly hasBody: boolean;
  /** Sentences that are no parts of tables. */
  private readonly aside: readonly string[];
  private readonly names: string;
  private readonly title: ReadonlySet<string>;
  /** Terms that all of the passage is about. */
  private readonly about: ReadonlySet<string>;
  private readonly isOfOtherDay: boolean;
  /** What is asked beyond what the document is called. */
  private readonly open: readonly string[];
  private readonly isSenderAsked: boolean;
  private readonly subject: AskedSubject;
  private readonly asked = new Map<Label, boolean>();
  private readonly fields: AskedFields;

  constructor(
    private readonly question: Question,
    private readonly place: ReadPassage,
    private readonly judges: Judges,
  ) {
    const { passage, headings, sentences } = place;
    this.anywhere = new Set(sentences.flatMap((sentence) => [...sentence.terms]));
    this.hasBody = sentences.some(({ label }) => !label);
    this.aside = sentences.filter((one) => !isOfTable(one)).map((one) => one.text);
    this.names = [passage.title, ...(passage.headings ?? [])].join('\n');
    this.title = new Set(judges.analyse(passage.title ?? '', passage.language));
    const { day, named } = question;
    const called = namesOf(passage);
    const isOfDay = day?.isIn(called) === true;
    this.about = new Set([...[...named].filter((term) => headings.has(term)), ...(isOfDay ? day.terms : [])]);
    this.isOfOtherDay = judges.isDayFound && day?.isRival(called) === true;
    this.open = [...question.terms].filter((term) => !headings.has(term));
    this.fields = new AskedFields(question, place, judges.analyse);
    this.isSenderAsked = asksForSender(question.text);
    this.subject = new AskedSubject(question, place, judges.analyse);
  }

  all(): Evidence[] {
    return this.place.sentences.map((sentence, ordinal) => this.of(sentence, ordinal));
  }

  private of(sentence: ReadSentence, ordinal: number): Evidence {
    const { question, place } = this;
    const { terms, label, isCell } = sentence;
    const labels = above(place, sentence);
    const field = label || isCell ? undefined : fieldOf(sentence.text);
    const near = sentence.inner === undefined ? undefined : place.sentences[sentence.inner];
    const fits = meets(question, sentence.text);
    const part = fits || !isSpecific(question) ? this.judges.parts.get(sentence) : undefined;
    const answersTo = this.answersTo({ labels, fits, columns: isCell ? near : undefined }) ?? part;
    // The names of its columns belong to a row, the question to its answer.
    const own = this.ownCredit(terms, [isCell ? near : undefined, answersTo]);
    const direct = this.judges.coverage.share(own);
    const tells = label === 'likely' && fits && isSpecific(question) && direct >= NEARLY_WHOLE;
    return {
      ...sentence,
      passage: place.passage,
      rank: place.rank,
      ordinal,
      direct,
      covered: this.covered(ordinal, { own, labels, isField: field !== undefined }),
      fits,
      anchored: this.isAnchored(ordinal, labels),
      adds:
        question.expects === 'confirmation' ||
        answersTo !== undefined ||
        (!(field && isKnown(field, question.text) && !this.isToldBy(field)) &&
          saysMore(question, place, { sentence, analyse: this.judges.analyse })),
      isOwn: this.isOwn(ordinal, { labels, isTold: fits && isSpecific(question) }),
      isAsked: fits && this.fields.has(ordinal, sentence, labels),
      isSilent: answersTo === undefined && this.subject.isSilent(ordinal, labels),
      isBeside: field !== undefined && !tellsKind(field, question.expects) && this.isBeside(terms),
      isOfOtherDay: this.isOfOtherDay,
      labelsOnly: label === 'empty' || (label !== undefined && this.hasBody && !tells),
      below: near?.text,
      answersTo,
    };
  }

  /** @param columns the header row of a cell, which no cell answers */
  private answersTo({
    labels,
    fits,
    columns,
  }: {
    labels: readonly Label[];
    fits: boolean;
    columns: Label | undefined;
  }): Label | undefined {
    return labels.findLast(
      (one) =>
        one !== columns &&
        // What only looks like a heading may be the caption of a picture: "Male Mandarin duck".
        one.label !== 'likely' &&
        this.isAsked(one) &&
        (fits || !isSpecific(this.question) || /[?？؟]/.test(one.text)),
    );
  }

  private isAsked(label: Label): boolean {
    const known = this.asked.get(label);
    if (known !== undefined) return known;
    const isAsked = this.judges.coverage.isAsked(label);
    this.asked.set(label, isAsked);
    return isAsked;
  }

  /** Credit of a term for what a sentence holds itself or with what is joined to it. */
  private ownCredit(
    terms: ReadonlySet<string>,
    joined: readonly (Label | undefined)[],
  ): (term: string) => number {
    return (term) => {
      if (this.about.has(term)) return CREDIT.named;
      if (terms.has(term)) return 1;
      return joined.some((one) => one?.terms.has(term)) ? CREDIT.label : 0;
    };
  }

  private covered(
    ordinal: number,
    { own, labels, isField }: { own: (term: string) => number; labels: readonly Label[]; isField: boolean },
  ): number {
    const { sentences, headings } = this.place;
    const byHeading = isField ? CREDIT.label : CREDIT.heading;
    const byPassage = isField && this.isSenderAsked ? CREDIT.label : CREDIT.passage;
    return this.judges.coverage.share((term) =>
      Math.max(
        own(term),
        labels.some((one) => one.terms.has(term)) ? CREDIT.label : 0,
        sentences[ordinal - 1]?.terms.has(term) ? CREDIT.before : 0,
        sentences[ordinal + 1]?.terms.has(term) ? CREDIT.after : 0,
        headings.has(term) ? byHeading : 0,
        this.anywhere.has(term) ? byPassage : 0,
      ),
    );
  }

  private isAnchored(ordinal: number, labels: readonly Label[]): boolean {
    const { sentences, passage } = this.place;
    const sentence = sentences[ordinal]!;
    if (!this.judges.parts.has(sentence) && isOfOtherPart(this.question, sentence.text, this.title))
      return false;
    const before = sentence.isCell ? [] : sentences.slice(Math.max(0, ordinal - 1), ordinal);
    if (!tellsOf(this.question, [sentence, ...labels, ...before], this.names)) return false;
    if (this.subject.isHeader(sentence) || this.subject.tellsAnother(sentence.text)) return false;
    return this.judges.grounds(passage, {
      text: sentence.text,
      isRow: isOfTable(sentence),
      before: before[0]?.text ?? '',
      above: labels.map((one) => one.text),
      aside: this.aside,
    });
  }

  /** What tells the kind of thing asked for may say "it" of what the sentence before names. */
  private isOwn(ordinal: number, { labels, isTold }: { labels: readonly Label[]; isTold: boolean }): boolean {
    const { question, place } = this;
    if (question.carried.size === 0) return true;
    const { sentences, headings } = place;
    const said = [...labels, ...sentences.slice(isTold ? Math.max(0, ordinal - 1) : ordinal, ordinal + 1)];
    const holds = (term: string): boolean => headings.has(term) || said.some(({ terms }) => terms.has(term));
    return [...question.terms].some((term) => !question.carried.has(term) && holds(term));
  }

  /** Who does a task may be its name: `Ann Berg: book the room`. */
  private isToldBy({ name }: Field): boolean {
    return isSpecific(this.question) && meets(this.question, name);
  }

  private isBeside(terms: ReadonlySet<string>): boolean {
    return !this.question.namesOnly && this.open.length > 0 && !this.open.some((term) => terms.has(term));
  }
}

/** Every sentence of the passages with its evidence, in order. */
export function gather(
  question: Question,
  passages: readonly AnswerPassage[],
  analysers: Analysers,
): Evidence[] {
  const places = readPassages(question, passages, analysers);
  const grounds = groundsOf(question.anchors, passages, question.wording);
  const coverage = new Coverage(question, places);
  const judges = {
    coverage,
    grounds,
    analyse: analysers.analyse,
    parts: partsAsked(question, places),
    isDayFound: passages.some((passage) => question.day?.isIn(namesOf(passage)) === true),
  };
  return places.flatMap((place) => new PassageEvidence(question, place, judges).all());
}
