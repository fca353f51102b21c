import { visible } from '../text/visible.js';
import { addressesOf, endingAsHost, MAY_BE_ADDRESS, withoutSentence } from './addresses.js';

export const REMOVED = '(link removed)';

/** Longer words are no address anybody wrote into a document. */
const MAX_WORD = 2_048;
/** Letters that may be the beginning of a scheme or a host name. */
const BEGINNING = 128;
/** Characters let out that still matter to what follows them: as long as a character reference may be. */
const CONTEXT = 40;
/** What a renderer reads on over although the address ends before it for us. */
const READ_OVER = /^[.,;:!?)'"*_~]*[^\s.,;:!?)'"*_~]/;
const LETTER = /[\p{L}\p{N}]/u;
/** What no mail address has in it. */
const APART = /[\s<>"()[\],;:]/;
/** Character references that stand for nothing an address or a link is made of. */
const HARMLESS = new Set(
  'amp lt gt quot apos nbsp copy reg trade ndash mdash hellip euro deg times'.split(' '),
);

/**
 * Makes the text of an answer harmless to show, as it arrives: no address but those that the sources have, no
 * images, no Markdown links, no HTML. Whoever controls a document, or misleads the model by it, cannot make the
 * reader's browser fetch an address with words of other documents in it.
 */
export class SafeText {
  private readonly allowed: ReadonlySet<string>;
  private held = '';
  /** The end of what was let out. */
  private last = '';

  constructor(sources: Iterable<string>) {
    const allowed = new Set<string>();
    for (const source of sources)
      for (const { text } of addressesOf(source)) allowed.add(text).add(withoutSentence(text));
    this.allowed = allowed;
  }

  /** What may be shown by now; words that may become an address are held back until they are whole. */
  push(text: string): string {
    // Before it is held back: a hidden character must not end a word that continues to those who do not see it.
    this.held = visible(this.held + text);
    const word = this.held.replace(/^[^]*\s/, '');
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
    // A host name may have begun in letters that were let out, since nobody could know them for one.
    const before = endingAsHost(this.last);
    const shown = [this.last];
    let at = 0;
    for (const found of addressesOf(before + seen)) {
      const end = found.end - before.length;
      if (end <= at) continue;
      const known = this.known(found.text);
      const start = end - (known ?? found.text).length;
      if (start > at) shown.push(seen.slice(at, start));
      const rest = seen.slice(Math.max(at, start), end);
      at = end;
      if (known === undefined) {
        shown.push(REMOVED);
        continue;
      }
      // A renderer must not read on, nor begin before it: what stands there would become part of a known address.
      if (start >= 0 && endsJoined(shown)) shown.push(' ');
      shown.push(rest);
      if (READ_OVER.test(seen.slice(end, end + CONTEXT))) shown.push(' ');
    }
    shown.push(seen.slice(at));
    return this.defuse(shown.slice(1).join(''));
  }

  /** The part of an address that the sources have. */
  private known(address: string): string | undefined {
    return [address, withoutSentence(address)].find((one) => this.allowed.has(one));
  }

  /**
   * Takes the syntax of links, images, link definitions and tags apart, by a space, across pieces too; and that which
   * renderers turn into the signs of an address before they look for addresses: escapes and character references.
   */
  private defuse(text: string): string {
    const before = this.last;
    const whole = before + text;
    // Each space is put before a character that is seen here for the first time, so nothing moves in what is out.
    const safe = whole
      .replace(/\](?=[(:])/g, '] ')
      .replace(/!(?=\[)/g, '! ')
      .replace(/<(?=[a-z/!?])/gi, '< ')
      .replace(/\\(?=[:/@])|(?<=www)\\(?=\.)|(?<=[a-z0-9])\\(?=\.[a-z])/gi, '\\ ')
      .replace(/&(?=#)/g, '& ')
      .replace(/&([a-z][a-z0-9]{1,31})(?=;)/gi, (found, name: string) =>
        HARMLESS.has(name) ? found : `${found} `,
      )
      .replace(/(?<!:)\/\/(?=\S)/g, '// ')
      // Of letters before it, it would have been an address.
      .replace(/(?<=[!#$%&'*+/=?^_`{|}~-])@(?=[a-z0-9-]+\.[a-z])/gi, '@ ')
      .replace(/www(?=\.[^\s\p{L}\p{N}])/giu, 'www ');
    this.last = safe.slice(-CONTEXT);
    return safe.slice(before.length);
  }
}

/** Whether a letter, with nothing but signs of mail addresses behind it, would be read as part of an address that follows. */
function endsJoined(pieces: readonly string[]): boolean {
  for (let i = pieces.length - 1; i >= 0; i--) {
    const piece = pieces[i]!;
    for (let end = piece.length; end > 0;) {
      const start = (piece.codePointAt(end - 2) ?? 0) > 0xffff ? end - 2 : end - 1;
      const character = piece.slice(start, end);
      if (LETTER.test(character)) return true;
      if (APART.test(character)) return false;
      end = start;
    }
  }
  return false;
}

function heldBack(word: string): number {
  if (word.length > MAX_WORD) return 0;
  if (MAY_BE_ADDRESS.test(word)) return word.length;
  // Half a character shows nothing of what it will be.
  if (/[\ud800-\udbff]$/.test(word)) return 1;
  // Scripts without spaces would hold back whole answers: only the letters at the end can begin an address.
  return /[!-~]*$/.exec(word.slice(-BEGINNING))?.[0].length ?? 0;
}
