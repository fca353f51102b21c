import { visible } from '../visible.js';
import { addressesOf, MAY_BE_ADDRESS } from './addresses.js';

export const REMOVED = '(link removed)';

/** Longer words are no address anybody wrote into a document. */
const MAX_WORD = 2_048;
/** Letters that may be the beginning of a scheme or a host name. */
const BEGINNING = 128;

/**
 * Makes the text of an answer harmless to show, as it arrives: no address but those that the sources have, no
 * images, no Markdown links, no HTML. Whoever controls a document, or misleads the model by it, cannot make the
 * reader's browser fetch an address with words of other documents in it.
 */
export class SafeText {
  private readonly allowed: ReadonlySet<string>;
  private held = '';
  /** The last character that was let out. */
  private last = '';

  constructor(sources: Iterable<string>) {
    const allowed = new Set<string>();
    for (const source of sources) for (const { text } of addressesOf(source)) allowed.add(text);
    this.allowed = allowed;
  }

  /** What may be shown by now; words that may become an address are held back until they are whole. */
  push(text: string): string {
    this.held += text;
    const word = /\S*$/.exec(this.held)?.[0] ?? '';
    const keep = heldBack(word);
    const ready = this.held.slice(0, this.held.length - keep);
    this.held = this.held.slice(ready.length);
    return this.clean(ready);
  }

  /** The rest: at the end, and before anything that stands behind the text, such as a citation. */
  flush(): string {
    const rest = this.held;
    this.held = '';
    return this.clean(rest);
  }

  private clean(text: string): string {
    if (text === '') return '';
    const seen = visible(text);
    let shown = '';
    let at = 0;
    for (const { start, end, text: address } of addressesOf(seen)) {
      if (start < at) continue;
      shown += seen.slice(at, start);
      at = end;
      if (!this.allowed.has(address)) {
        shown += REMOVED;
        continue;
      }
      shown += address;
      // A renderer must not read on: what follows would become part of a known address.
      if (/^[^\s.,;:!?)'"*_~]/.test(seen.slice(end))) shown += ' ';
    }
    shown += seen.slice(at);
    return this.defuse(shown);
  }

  /** Takes the syntax of links, images, link definitions and tags apart, by a space, across pieces too. */
  private defuse(text: string): string {
    const before = this.last;
    const whole = before + text;
    this.last = whole.at(-1) ?? '';
    return whole
      .replace(/\](?=[(:])/g, '] ')
      .replace(/!(?=\[)/g, '! ')
      .replace(/<(?=[a-z/!?])/gi, '< ')
      .slice(before.length);
  }
}

function heldBack(word: string): number {
  if (word.length > MAX_WORD) return 0;
  if (MAY_BE_ADDRESS.test(word)) return word.length;
  // Scripts without spaces would hold back whole answers: only the letters at the end can begin an address.
  return Math.min(BEGINNING, /[!-~]*$/.exec(word)?.[0].length ?? 0);
}
