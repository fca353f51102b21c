import type { Label, ReadPassage } from './passage-reading.js';
import type { Question } from './asking/question.js';

/** Share of the question that a label holds which asks the same, and of the label that the question holds. */
export const NEARLY_WHOLE = 0.9;
const SAME_MATTER = 0.6;
const SCAFFOLD_WEIGHT = 0.15;
/** Of what a follow-up carries: as much as a heading tells of what stands below it. */
const CARRIED_WEIGHT = 0.6;
/** Among fewer sentences rarity says nothing: a word of the only sentence would count as common. */
const MIN_SAMPLE = 25;

/** How much of a question some terms are, each by how rare it is among the sentences at hand. */
export class Coverage {
  private readonly weight: ReadonlyMap<string, number>;
  private readonly total: number;

  constructor(
    private readonly question: Question,
    places: readonly ReadPassage[],
  ) {
    this.weight = weights(question, places);
    let total = 0;
    for (const term of question.terms) total += this.weight.get(term) ?? 0;
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

/** A term that is nowhere weighs most, so that a question about something else is not covered by its common words. */
function weights(question: Question, places: readonly ReadPassage[]): Map<string, number> {
  const sentences = places.flatMap((place) => place.sentences);
  const weigh = (term: string): number => {
    const count = sentences.filter((sentence) => sentence.terms.has(term)).length;
    const sample = Math.max(MIN_SAMPLE, sentences.length);
    return Math.log(1 + (sample - count + 0.5) / (count + 0.5));
  };
  return new Map([
    ...[...question.terms].map(
      (term) => [term, (question.carried.has(term) ? CARRIED_WEIGHT : 1) * weigh(term)] as const,
    ),
    ...[...question.scaffold].map((term) => [term, SCAFFOLD_WEIGHT * weigh(term)] as const),
  ]);
}
