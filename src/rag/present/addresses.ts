/** The letters of host names, in any script. */
const LABEL = String.raw`[\p{L}\p{M}\p{N}-]{1,63}`;
const TOP_LEVEL = String.raw`(?:xn--[a-z0-9-]{2,59}|[\p{L}\p{M}]{2,24})`;

/**
 * Whatever a Markdown or chat renderer makes a link of by itself: addresses with a scheme, `www.`, mail addresses,
 * and host names with a path behind them, with or without a port. An underscore does not belong to a host name: it is the
 * sign of emphasis around one.
 */
const ADDRESS = new RegExp(
  [
    String.raw`(?:[a-z][a-z0-9+.-]{0,30}:\/\/|www\.|mailto:|xmpp:)[^\s<>"\]]+`,
    String.raw`[a-z0-9._%+-]{1,64}@(?:[a-z0-9-]+(?:\.[a-z0-9-]+)+|${LABEL}(?:\.${LABEL})+)`,
    String.raw`(?<![\p{L}\p{N}@-])(?<![\p{L}\p{N}@-]\.)(?:${LABEL}\.){1,8}${TOP_LEVEL}(?::\d{1,5})?[/?#][^\s<>"\]]+`,
  ].join('|'),
  'giu',
);
const TRAILING = new Set(".,;:!?'*_~|");

export interface Address {
  start: number;
  end: number;
  text: string;
}

/** Addresses of a text without the punctuation behind them, as renderers read them. */
export function addressesOf(text: string): Address[] {
  return [...text.matchAll(ADDRESS)].map(({ 0: raw, index }) => {
    const address = raw.slice(0, lengthOf(raw));
    return { start: index, end: index + address.length, text: address };
  });
}

/** Without trailing punctuation, and without closing parentheses that were not opened in it. */
function lengthOf(raw: string): number {
  let unopened: number | undefined;
  let end = raw.length;
  for (; end > 0; end--) {
    const letter = raw[end - 1]!;
    if (TRAILING.has(letter)) continue;
    if (letter !== ')') break;
    unopened ??= count(raw, ')') - count(raw, '(');
    if (unopened-- <= 0) break;
  }
  return end;
}

const count = (text: string, letter: string): number => text.split(letter).length - 1;

/** An address without the letters of another script in front: in scripts without spaces a sentence goes before it. */
export const withoutSentence = (address: string): string => address.replace(/^[^!-~]+(?=[a-z0-9])/iu, '');

/** What the text before may give to a host name that goes on. */
export const endingAsHost = (text: string): string => /[\p{L}\p{M}\p{N}.:-]*$/u.exec(text)?.[0] ?? '';

/** What may still become an address when more text follows; such a word is held back. */
export const MAY_BE_ADDRESS = /:\/|www\.|mailto:|xmpp:|@|[/?#]/i;
