import { HANGUL, korean } from './korean.js';
import { oneForm } from './written-forms.js';

/** Longer tokens are cut: nobody searches for them, and a dictionary must not fill up with encoded data. */
export const MAX_TOKEN_LENGTH = 64;

// Scripts that put spaces between words; runs of these are cut by a regular expression, which is many times
// faster than Intl.Segmenter and gives the same words.
const SPACED = String.raw`\u0000-\u0590\u1E00-\u1FFF\u2000-\u206F\u20A0-\u218F\u2190-\u2BFF`;
const OTHER_RUN = new RegExp(`[^${SPACED}](?:[ .,/\\-]{0,2}[^${SPACED}]){0,1000}`, 'gu');

// A word, or words and digits tied by one connector (AMD-2022Q2, foo_bar, 10.1038/s41586), or C++ and C#.
const ASCII_WORD = /[a-z0-9]+(?:[-_./@:'&+,][a-z0-9]+)*(?:\+\+|#(?![a-z0-9]))?/g;
const SPACED_WORD =
  /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:[-_./@:'&+,][\p{L}\p{N}][\p{L}\p{N}\p{M}]*)*(?:\+\+|#(?![\p{L}\p{N}]))?/gu;
// oxlint-disable-next-line no-control-regex
const ASCII_ONLY = /^[\x00-\x7f]*$/;
const PLAIN = /^[\p{L}\p{N}\p{M}]+$/u;
const PLAIN_ASCII = /^[a-z0-9]+$/;
const PARTS = /[\p{L}\p{N}\p{M}]+/gu;
// Ordinary hyphenated words are found by their parts; an identifier is also a term of its own.
const IDENTIFIER = /[\p{N}_@#]|\+\+/u;
/** ISO14001, which may as well be written ISO 14001. */
export const NAME_AND_NUMBER = /^(\p{L}{1,10})(\d{4,})$/u;
const NINE = '9'.charCodeAt(0);
// Written so or without, by taste: v2.3.1; 1,150.00, 31'445.20, 4,56,789.
const VERSION = /^v(?=\p{N}+\.\p{N})/u;
const GROUPED = /^(?:\p{N}{1,3}(?:[,']\p{N}{3})+|\p{N}{1,2}(?:,\p{N}{2})+,\p{N}{3})(?:\.\p{N}+)?$/u;
const GROUP_SIGN = /[,']/g;
// What an apostrophe ties to a word and is none: don't, cat's; l'eau, qu'il. Both ends stay where a letter is a name (D's).
const TAIL = /'(?:[stdm]|ll|re|ve)(?![\p{L}\p{N}\p{M}])/gu;
const HEAD = /(?<![\p{L}\p{N}\p{M}])(?:[cdjlmnstv]|qu)'/gu;
/** AT&T, R&D, SG&A: their parts are letters or stop words, and say little. */
const TIED_INITIALS = /^\p{L}{1,3}(?:&\p{L}{1,3})+$/u;
/** U.S. and J.P., which are also written without. */
const DOTTED_INITIALS = /^\p{L}(?:\.\p{L})+$/u;
/** What in capitals is another word than in small letters, where it is one of those that tell nothing. */
export const NAMES_IN_CAPITALS: ReadonlySet<string> = new Set(['IT', 'US', 'WHO']);
const ANY_NAME = [...NAMES_IN_CAPITALS].join('|');
const MAY_HOLD_NAME = new RegExp(ANY_NAME);
// US-based, but neither US-2024-17 nor example.com/IT.
const NAME_IN_CAPITALS = new RegExp(
  String.raw`(?<![\p{L}\p{N}\p{M}]|[\p{L}\p{N}][-_./@:'&+,])(?:${ANY_NAME})(?![\p{L}\p{N}\p{M}]|[_./@:'&+,][\p{L}\p{N}]|-[\p{L}-]*\p{N})`,
  'gu',
);

const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

/**
 * Calls `emit` with every word of a text, in order: compatibility forms folded (NFKC), lower case, not
 * stemmed. An identifier gives its parts and then the whole, an amount also itself without the signs between
 * its groups. One of `NAMES_IN_CAPITALS` comes in small letters and then as it is.
 */
export function tokenize(text: string, emit: (token: string) => void): void {
  if (!MAY_HOLD_NAME.test(text)) return tokenizePart(text, emit);
  let from = 0;
  for (const { 0: name, index } of text.matchAll(NAME_IN_CAPITALS)) {
    tokenizePart(text.slice(from, index), emit);
    emit(name.toLowerCase());
    emit(name);
    from = index + name.length;
  }
  tokenizePart(text.slice(from), emit);
}

function tokenizePart(text: string, emit: (token: string) => void): void {
  if (ASCII_ONLY.test(text)) return words(text.toLowerCase(), ASCII_WORD, emit);
  const folded = oneForm(text);
  let from = 0;
  for (const match of folded.matchAll(OTHER_RUN)) {
    if (match.index > from) words(folded.slice(from, match.index), SPACED_WORD, emit);
    from = match.index + match[0].length;
    for (const part of segmenter.segment(match[0])) {
      if (part.isWordLike !== true) continue;
      if (HANGUL.test(part.segment)) korean(part.segment.slice(0, MAX_TOKEN_LENGTH), emit);
      else emit(part.segment.slice(0, MAX_TOKEN_LENGTH));
    }
  }
  if (from < folded.length) words(folded.slice(from), SPACED_WORD, emit);
}

function words(text: string, pattern: RegExp, emit: (token: string) => void): void {
  const plain = pattern === ASCII_WORD ? PLAIN_ASCII : PLAIN;
  for (const written of text.match(pattern) ?? []) {
    if (plain.test(written)) {
      emitParts(written, emit);
      emit(written.length > MAX_TOKEN_LENGTH ? written.slice(0, MAX_TOKEN_LENGTH) : written);
      continue;
    }
    const isAmount = GROUPED.test(written);
    const isTied = !isAmount && written.includes("'");
    const word = isTied ? written.replace(TAIL, '').replace(HEAD, '') : written.replace(VERSION, '');
    for (const part of word.match(PARTS) ?? []) emit(part.slice(0, MAX_TOKEN_LENGTH));
    if (DOTTED_INITIALS.test(word)) {
      emitInitials(word.replaceAll('.', '').slice(0, MAX_TOKEN_LENGTH), emit);
      continue;
    }
    if (TIED_INITIALS.test(word)) emit(word);
    if (word.length > MAX_TOKEN_LENGTH || isTied || !IDENTIFIER.test(word)) continue;
    emit(word);
    if (isAmount) emit(word.replace(GROUP_SIGN, ''));
  }
}

function emitInitials(word: string, emit: (token: string) => void): void {
  emit(word);
  const name = word.toUpperCase();
  if (NAMES_IN_CAPITALS.has(name)) emit(name);
}

/** The name and the number of what is written as one word. */
function emitParts(word: string, emit: (token: string) => void): void {
  // Hardly any word ends in a digit.
  if (word.charCodeAt(word.length - 1) > NINE) return;
  const [, name, number] = NAME_AND_NUMBER.exec(word) ?? [];
  if (name === undefined || number === undefined) return;
  emit(name);
  emit(number.slice(0, MAX_TOKEN_LENGTH));
}
