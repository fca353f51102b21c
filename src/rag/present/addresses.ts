/**
 * Whatever a Markdown or chat renderer makes a link of by itself: addresses with a scheme, `www.`, mail addresses,
 * and host names with a path behind them.
 */
const ADDRESS =
  /(?:[a-z][a-z0-9+.-]{0,30}:\/\/|www\.|mailto:|xmpp:)[^\s<>"\]]+|[a-z0-9._%+-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+|(?<![\w@-])(?<![\w@-]\.)(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}[/?#][^\s<>"\]]+/gi;
const TRAILING = /[.,;:!?'*_~|]+$/;

export interface Address {
  start: number;
  end: number;
  text: string;
}

/** Addresses of a text without the punctuation behind them, as renderers read them. */
export function addressesOf(text: string): Address[] {
  return [...text.matchAll(ADDRESS)].map(({ 0: raw, index }) => {
    let address = raw.replace(TRAILING, '');
    while (address.endsWith(')') && count(address, ')') > count(address, '('))
      address = address.slice(0, -1).replace(TRAILING, '');
    return { start: index, end: index + address.length, text: address };
  });
}

const count = (text: string, letter: string): number => text.split(letter).length - 1;

/** What may still become an address when more text follows; such a word is held back. */
export const MAY_BE_ADDRESS = /:\/|www\.|mailto:|xmpp:|@|[/?#]/i;
