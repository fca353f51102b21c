import { oneLine } from '../extract/normalise.js';
import type { TokenCounter } from './chunk.types.js';

/** A heading above a passage. */
export interface Heading {
  level: number;
  text: string;
  start: number;
  end: number;
  tokens: number;
  /** Headings above it, outermost first. */
  parents: Heading[];
}

export interface Context {
  prefix: string;
  tokens: number;
  /** Headings whose words are all in the prefix. */
  shown: ReadonlySet<Heading>;
}

const LONGEST_TITLE = 500;

/** The longest beginning of a line, in whole words, of at most `limit` tokens. */
export function trimToTokens(line: string, limit: number, count: TokenCounter): string {
  let text = line;
  for (let tokens = count(text); tokens > limit && text !== ''; tokens = count(text)) {
    const cut = text.slice(0, Math.min(text.length - 1, Math.floor((text.length * limit) / tokens)));
    text = (
      cut.includes(' ') ? cut.slice(0, cut.lastIndexOf(' ')) : cut.replace(/[\ud800-\udbff]$/, '')
    ).trimEnd();
  }
  return text;
}

/**
 * What stands in front of each passage: the title, then the headings it is under. Together they take at most
 * `limit` tokens: the title up to half of it, then the nearest heading, then the headings further out.
 */
export class ContextMaker {
  private readonly title: string;
  private readonly titleTokens: number;

  constructor(
    title: string | null,
    private readonly limit: number,
    private readonly count: TokenCounter,
  ) {
    this.title = trimToTokens(oneLine(title ?? '', LONGEST_TITLE), Math.floor(limit / 2), count);
    this.titleTokens = this.title === '' ? 0 : count(this.title);
  }

  of(path: readonly Heading[]): Context {
    const shown = new Set<Heading>();
    let left = this.limit - this.titleTokens;
    for (const heading of path.toReversed()) {
      const repeatsTitle = heading.text === this.title;
      // One more for the mark between two headings.
      const tokens = repeatsTitle ? 0 : heading.tokens + 1;
      if (tokens > left) continue;
      left -= tokens;
      shown.add(heading);
    }
    const headings = path
      .filter((heading) => shown.has(heading) && heading.text !== this.title)
      .map((heading) => heading.text);
    const lines = [this.title, headings.join(' > ')].filter((line) => line !== '');
    return { prefix: lines.map((line) => `${line}\n`).join(''), tokens: this.limit - left, shown };
  }
}
