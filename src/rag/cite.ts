import { visible } from './visible.js';

/** A stretch of a text in UTF-16 code units, end exclusive. */
export interface QuoteSpan {
  start: number;
  end: number;
}

/** A text reduced to what a quote is compared by, with the way back to the original. */
interface Folded {
  text: string;
  /** For each code unit of `text`, the original's code unit that its character begins at, and where it ends. */
  starts: Uint32Array;
  ends: Uint32Array;
}

/** A base character with its marks: what normalisation may join or take apart. */
const CLUSTER = /\P{M}\p{M}*|\p{M}+/suy;

/**
 * Characters that models and word processors exchange for one another without changing what is said. Soft
 * hyphens and zero-width characters are not visible at all.
 */
const SAME: Readonly<Record<string, string>> = {
  '‘': "'",
  '’': "'",
  '‚': "'",
  '“': '"',
  '”': '"',
  '„': '"',
  '«': '"',
  '»': '"',
  '‐': '-',
  '‑': '-',
  '–': '-',
  '—': '-',
  '−': '-',
  '…': '...',
};
const INVISIBLE = /[\u200c\u200d]/g;
const SPACE = /^\s+$/u;
/** Code units below this are never marks. */
const FIRST_MARK = 0x300;

const isPlain = (code: number): boolean => code > 0x20 && code < 0x7f;

/** Composes characters (NFC), makes every run of white space one space, unifies quotes and dashes. */
function fold(text: string): Folded {
  const starts: number[] = [];
  const ends: number[] = [];
  const pieces: string[] = [];
  let last = ' ';
  const add = (piece: string, start: number, end: number): void => {
    pieces.push(piece);
    last = piece;
    for (let i = 0; i < piece.length; i++) {
      starts.push(start);
      ends.push(end);
    }
  };
  for (let at = 0; at < text.length;) {
    // Nearly every character of nearly every text goes this way, without a regular expression.
    if (isPlain(text.charCodeAt(at)) && !(text.charCodeAt(at + 1) >= FIRST_MARK)) {
      add(text.charAt(at), at, at + 1);
      at += 1;
      continue;
    }
    CLUSTER.lastIndex = at;
    const cluster = CLUSTER.exec(text)?.[0] ?? text.charAt(at);
    const end = at + cluster.length;
    if (!SPACE.test(cluster)) {
      const seen = visible(cluster).replace(INVISIBLE, '');
      if (seen !== '') add(SAME[seen] ?? seen.normalize('NFC'), at, end);
    } else if (last !== ' ') add(' ', at, end);
    at = end;
  }
  return { text: pieces.join(''), starts: Uint32Array.from(starts), ends: Uint32Array.from(ends) };
}

const MIN_QUOTE = 2;

/**
 * Where a quote stands in a text, null when it does not. White space, composed and decomposed characters,
 * kinds of quotation marks and dashes do not matter, nor do a full stop or an ellipsis added at an end; words
 * do, and so does their case, except that of the first letter.
 */
export function locateQuote(quote: string, text: string): QuoteSpan | null {
  const wanted = fold(quote)
    .text.trim()
    .replace(/^\.{3}\s*|\s*\.{3}$/g, '');
  if (wanted.length < MIN_QUOTE) return null;
  const inside = fold(text);
  const other = flipFirst(wanted);
  for (const form of [wanted, wanted.replace(/[.,;:]$/, ''), other, other.replace(/[.,;:]$/, '')]) {
    const at = wholeWords(inside.text, form);
    if (at < 0) continue;
    const start = inside.starts[at];
    const end = inside.ends[at + form.length - 1];
    if (start !== undefined && end !== undefined) return { start, end };
  }
  return null;
}

const flipFirst = (text: string): string => {
  const first = text[0] ?? '';
  const lower = first.toLowerCase();
  return (first === lower ? first.toUpperCase() : lower) + text.slice(1);
};

const WORD = /[\p{L}\p{N}\p{M}]/u;
/** Scripts without spaces have no word ends to respect. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** First place where `part` stands as whole words: "an" is no quote of "and". */
function wholeWords(text: string, part: string): number {
  if (part.length < MIN_QUOTE) return -1;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    const end = at + part.length;
    if (!joined(text[at - 1], text[at]) && !joined(text[end - 1], text[end])) return at;
  }
  return -1;
}

const joined = (left: string | undefined, right: string | undefined): boolean =>
  left !== undefined &&
  right !== undefined &&
  WORD.test(left) &&
  WORD.test(right) &&
  !UNSPACED.test(left) &&
  !UNSPACED.test(right);
