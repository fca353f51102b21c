import { spacedName, spokenFileName } from '../../common/search/file-name.js';

/** What a passage is found under, beside its own words. */
export interface Called {
  title: string | null;
  heading_path: readonly string[];
  fileName: string | null;
}

/** Most words that join others are shorter. */
const SHORTEST_NAME = 4;

const isWithin = (part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean =>
  [...part].every((word) => whole.has(word));
const wordsOf = (name: string): string[] => spacedName(name).split(' ');

/**
 * Chooses among passages that say the same under several names: the handbook of 2024 is asked about, and that of 2023 says the
 * same word for word. One stands for all, unless the question names several of them.
 */
export class NamedTwins {
  /** Numbers, and words that the question writes with a capital inside of it: what documents are told apart by. */
  private readonly telling: ReadonlySet<string>;
  /** These, and whatever may be a name without a capital. */
  private readonly asked: ReadonlySet<string>;

  constructor(question: string) {
    const words = wordsOf(question);
    const telling = words.filter((word, i) => /\p{N}/u.test(word) || (i > 0 && /\p{Lu}/u.test(word)));
    const long = words.filter((word) => word.length >= SHORTEST_NAME);
    this.telling = new Set(telling.map((word) => word.toLowerCase()));
    this.asked = new Set([...telling, ...long].map((word) => word.toLowerCase()));
  }

  /** @param twins the best first, which stays where the names of the others say no more of what is asked */
  choose<T>(twins: readonly T[], calledOf: (twin: T) => Called): T[] {
    let chosen: { twin: T; held: ReadonlySet<string> }[] = [];
    for (const twin of twins) {
      const held = this.heldBy(calledOf(twin));
      if (chosen.some((other) => isWithin(held, other.held))) continue;
      const rest = chosen.filter((other) => !isWithin(other.held, held));
      const isAskedFor = rest.every((other) =>
        [...held].some((word) => this.telling.has(word) && !other.held.has(word)),
      );
      if (rest.length < chosen.length || isAskedFor) chosen = [...rest, { twin, held }];
    }
    return chosen.map(({ twin }) => twin);
  }

  /** Words of the question that it is called by. */
  private heldBy({ title, heading_path, fileName }: Called): Set<string> {
    const names = [title ?? '', ...heading_path, spokenFileName(fileName ?? '')];
    const words = names.flatMap(wordsOf).map((word) => word.toLowerCase());
    return new Set(words.filter((word) => this.asked.has(word)));
  }
}
