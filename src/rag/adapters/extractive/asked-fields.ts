import type { Analyse } from '../../analyse.types.js';
import type { Question } from './asking/question.js';
import type { Label, ReadPassage } from './passage-reading.js';

/** `Fee: $240`, and what stands below each other in two columns: `Weight      46 kg`. */
const PARTED = /^[*_]{0,3}(\p{L}[^:：|=\n]{0,40}?)(?:[*_]{0,3}\s?[:：][*_]{0,3}\s*|\s{2,}|\t)(\S.*)$/su;

type ReadSentence = ReadPassage['sentences'][number];

/** Fields of a passage that tell what is asked of the thing that is named beside them. */
export class AskedFields {
  /** The terms of each sentence's paragraph. */
  private readonly paragraphs: ReadonlySet<string>[] = [];
  private readonly title: ReadonlySet<string>;

  constructor(
    private readonly question: Question,
    private readonly place: ReadPassage,
    private readonly analyse: Analyse,
  ) {
    const { sentences, passage } = place;
    let paragraph = new Set<string>();
    for (const { opens, terms } of sentences) {
      if (opens) paragraph = new Set();
      for (const term of terms) paragraph.add(term);
      this.paragraphs.push(paragraph);
    }
    this.title = (passage.charStart === 0 && sentences[0]?.terms) || new Set();
  }

  /** Whether a field is called by words of the question alone, or what those mean, and all its other words stand around it. */
  has(ordinal: number, { text, label, isCell }: ReadSentence, labels: readonly Label[]): boolean {
    const [, name, value] = (!label && !isCell && PARTED.exec(text)) || [];
    if (name === undefined || value === undefined) return false;
    const { terms, equivalents } = this.question;
    const meant = equivalents.filter((one) => one.held(`${name}:`)).flatMap((one) => one.terms);
    const called = meant.length > 0 ? new Set(meant) : this.termsOf(name);
    if (called.size === 0 || [...called].some((term) => !terms.has(term))) return false;
    const others = [...terms].filter((term) => !called.has(term));
    if (others.length === 0) return false;
    const told = this.termsOf(value);
    const around = [
      this.paragraphs[ordinal]!,
      this.place.headings,
      this.title,
      ...labels.map((one) => one.terms),
    ];
    return others.every((term) => !told.has(term) && around.some((one) => one.has(term)));
  }

  private termsOf(text: string): Set<string> {
    return new Set(this.analyse(text, this.place.passage.language));
  }
}
