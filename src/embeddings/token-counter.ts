import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { WordPiece } from './wordpiece.js';

/** Counts the encoder's tokens of a text, special tokens not included. */
export type CountTokens = (text: string) => number;

// CJK ideographs, one token each; then punctuation, one each; then words.
const PARTS =
  /([\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\u{20000}-\u{2FA1F}])|([\p{P}!-/:-@[-`{-~])|(\p{Nd}+)|([A-Za-z]+)|([^\s\p{P}!-/:-@[-`{-~\p{Nd}A-Za-z]+)/gu;

/** Rare words fall apart: measured on scientific abstracts by length and case, then rounded up. */
function latinTokens(word: string): number {
  if (/^[a-z]+$/.test(word)) return word.length <= 4 ? 1 : 1 + (word.length - 4) * 0.3;
  if (/^[A-Z][a-z]+$/.test(word)) return word.length <= 4 ? 1 : 1 + (word.length - 4) * 0.4;
  return Math.max(1, word.length * 0.7);
}

/**
 * Tokens that WordPiece would give, without its vocabulary: for a passage of ordinary text not fewer than the
 * real number, for English prose about a third more.
 */
export function estimateTokens(text: string): number {
  let count = 0;
  for (const [, , mark, digits, latin, other] of text.matchAll(PARTS)) {
    if (latin !== undefined) count += latinTokens(latin);
    else if (digits !== undefined) count += Math.max(1, digits.length * 0.6);
    else if (mark !== undefined) count += 1;
    // Scripts that the vocabulary spells letter by letter; Hangul falls apart into up to three letters.
    else if (other !== undefined)
      for (const char of other) count += char >= '\uAC00' && char <= '\uD7A3' ? 3 : 1;
    else count += 1;
  }
  return Math.ceil(count);
}

/**
 * A counter for use inside a worker thread: exact with the tokenizer in `modelDir`, an estimate without one.
 * Throws when the folder is given but its tokenizer cannot be read.
 */
export async function loadTokenCounter(modelDir: string | undefined): Promise<CountTokens> {
  if (modelDir === undefined) return estimateTokens;
  const tokenizer = new WordPiece(await readFile(path.join(modelDir, 'tokenizer.json'), 'utf8'));
  return (text) => tokenizer.count(text);
}
