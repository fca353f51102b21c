import type { Evidence } from './evidence.js';
import { isBareNumber, itemAt, listAt, listsOf, wholeList, type List } from './layout/lists.js';
import type { Question } from './asking/question.js';
import { SUPPORTED_FROM, type Judged } from './support.js';
import { withHeaders } from './table-quotes.js';

const MAX_QUOTES = 3;
const MARK = /^\p{L}{2,12} \d{1,3}(?=\s?[:.)])/u;
/** A further sentence is quoted only when it is nearly as good as the best one. */
const NEARLY = 0.9;

/**
 * The best sentence first, then others nearly as good; an explanation also goes on for a sentence, and steps are quoted
 * all. What stands below the question itself is quoted from its beginning, in order. Rows of a table that do not
 * name their columns come with the row that does.
 */
export function choose(
  question: Question,
  ranked: readonly Judged[],
  evidence: readonly Evidence[],
): Evidence[] {
  const [best] = ranked;
  if (!best) return [];
  const quotes = new Quotes(question);
  if (best.answersTo) quotes.addBeginning(best, evidence);
  else {
    quotes.add(best);
    if (question.expects === 'explanation') {
      const next = evidence.find((e) => e.passage === best.passage && e.ordinal === best.ordinal + 1);
      if (next?.adds && !next.labelsOnly) quotes.add(next);
    }
    if (quotes.areSteps) quotes.addStepsBeside(best);
    for (const sentence of ranked.slice(1))
      if (sentence.support >= SUPPORTED_FROM && sentence.score >= NEARLY * best.score) quotes.add(sentence);
  }
  // A number whose item nobody can tell is no quote, but what answers is never nothing.
  return quotes.chosen.length > 0 ? withHeaders(quotes.chosen, evidence) : [best];
}

class Quotes {
  readonly chosen: Evidence[] = [];
  private readonly said = new Set<string>();
  private readonly lists = new Map<Evidence['passage'], List[]>();

  /** Steps are quoted whole. */
  readonly areSteps: boolean;

  constructor(private readonly question: Question) {
    this.areSteps = question.expects === 'explanation' || question.asksSteps;
  }

  add(sentence: Evidence): void {
    const steps = this.areSteps ? this.steps(sentence) : undefined;
    this.push(steps ?? this.item(sentence));
    if (!steps && sentence.text.endsWith(':')) this.pushList(sentence, this.after(sentence));
  }

  /** The first paragraph or items of what answers. */
  addBeginning({ passage, answersTo }: Evidence, evidence: readonly Evidence[]): void {
    let last: Evidence | undefined;
    for (const sentence of evidence) {
      if (sentence.passage !== passage || sentence.answersTo !== answersTo) continue;
      const steps = this.steps(sentence);
      const goesOn = !last || !sentence.opens || sentence.isItem || steps || last.text.endsWith(':');
      if (!goesOn || (last && sentence.ordinal !== last.ordinal + 1)) break;
      last = sentence;
      this.push(steps ?? this.item(sentence));
      if (steps || this.chosen.length >= MAX_QUOTES) break;
    }
  }

  /** The steps that a sentence announces, or that it is a note to. */
  addStepsBeside(sentence: Evidence): void {
    const { passage, start } = sentence;
    const isBefore = ({ counted, items }: List): boolean => {
      const end = items.at(-1)!.end;
      return counted && end <= start && passage.text.slice(end, start).trim() === '';
    };
    const list = this.listsOf(passage).find(isBefore) ?? this.after(sentence);
    if (list?.counted) this.pushList(sentence, list);
  }

  private push(sentence: Evidence): void {
    if (this.chosen.length >= MAX_QUOTES || this.said.has(key(sentence))) return;
    const isWithin = this.chosen.some(
      ({ passage, start, end }) =>
        passage === sentence.passage && start <= sentence.start && end >= sentence.end,
    );
    if (isWithin || isBareNumber(sentence.text)) return;
    this.said.add(key(sentence));
    this.chosen.push(sentence);
  }

  private pushList(sentence: Evidence, list: List | undefined): void {
    if (list) this.push(stretched(sentence, wholeList(list)));
  }

  /** The list that a sentence is in, where it is one of steps or of more items than there are quotes. */
  private steps(sentence: Evidence): Evidence | undefined {
    const list = listAt(this.listsOf(sentence.passage), sentence.start);
    if (!list || (!list.counted && list.items.length <= MAX_QUOTES)) return undefined;
    const item = itemAt(list, sentence.start);
    const mark = item && MARK.exec(sentence.passage.text.slice(item.start, item.end))?.[0];
    const isNamed = mark !== undefined && this.question.text.toLowerCase().includes(mark.toLowerCase());
    // What is asked about one item of its own name or number, "error 07", the others do not tell.
    if (item && (isNamed || sentence.answersTo?.text === sentence.text)) return stretched(sentence, item);
    const whole = wholeList(list);
    return sentence.end <= whole.end ? stretched(sentence, whole) : undefined;
  }

  /** A sentence, with the number of its item where that is all it is. */
  private item(sentence: Evidence): Evidence {
    if (!isBareNumber(sentence.text)) return sentence;
    const list = listAt(this.listsOf(sentence.passage), sentence.start);
    const item = list && itemAt(list, sentence.start);
    return item ? stretched(sentence, item) : sentence;
  }

  private after({ passage, end }: Evidence): List | undefined {
    return this.listsOf(passage).find(
      ({ items: [first] }) =>
        first!.start >= end && !/[^\s*•–—▪·-]/u.test(passage.text.slice(end, first!.start)),
    );
  }

  private listsOf(passage: Evidence['passage']): List[] {
    let lists = this.lists.get(passage);
    if (!lists) this.lists.set(passage, (lists = listsOf(passage.text)));
    return lists;
  }
}

const stretched = (sentence: Evidence, { start, end }: { start: number; end: number }): Evidence => ({
  ...sentence,
  start,
  end,
  text: sentence.passage.text.slice(start, end),
});

/** The same sentence in two documents is quoted once. */
const key = (sentence: Evidence): string => sentence.text.replace(/\s+/g, ' ').toLowerCase();
