import { visible } from '../text/visible.js';

/** A stretch of a text in UTF-16 code units, end exclusive. */
export interface QuoteSpan {
  start: number;
  end: number;
}

/** A text reduced to what a quote is compared by, with the way back to the original. */
export interface Folded {
  original: string;
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
export function fold(text: string): Folded {
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
  return {
    original: text,
    text: pieces.join(''),
    starts: Uint32Array.from(starts),
    ends: Uint32Array.from(ends),
  };
}

const MIN_QUOTE = 2;

/**
 * Where a quote stands in a text, null when it does not. White space, composed and decomposed characters,
 * kinds of quotation marks and dashes do not matter, nor do a full stop or an ellipsis added at an end; words
 * do, and so does their case, except that of the first letter. What is cut out of a word or a number is no quote.
 * Whoever looks for many quotes in one text folds it once.
 */
export function locateQuote(quote: string, text: string | Folded): QuoteSpan | null {
  const wanted = fold(quote)
    .text.trim()
    .replace(/^\.{3}\s*|\s*\.{3}$/g, '');
  if (wanted.length < MIN_QUOTE) return null;
  const inside = typeof text === 'string' ? fold(text) : text;
  const isCut = (at: number): boolean => cutsAt(inside, at);
  const other = flipFirst(wanted);
  for (const form of [wanted, wanted.replace(/[.,;:]$/, ''), other, other.replace(/[.,;:]$/, '')]) {
    const at = wholeWords(inside.text, form, isCut);
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

/** First place where `part` stands as whole words: "an" is no quote of "and". */
function wholeWords(text: string, part: string, isCut: (at: number) => boolean): number {
  if (part.length < MIN_QUOTE) return -1;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1))
    if (!isCut(at) && !isCut(at + part.length)) return at;
  return -1;
}

const WORD = /[\p{L}\p{N}\p{M}]/u;
/** Scripts without spaces have no word ends to respect. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/** Two characters before a place, and two behind it, that belong to one number or one word. */
const CUT = [
  // 1,500 and 0.5, 12:30, 1/2, 5-10 and 2026-11-25: what is left of them is another number.
  /\p{Nd}[.,:/'\u00a0-]\|\p{Nd}|\p{Nd}\|[.,:/'\u00a0-]\p{Nd}/u,
  // -5, ±5, <5, .5 and 5%.
  /[-±<>≤≥]\|\p{Nd}|(?:^|\s)\.\|\p{Nd}|\p{Nd}\|[%‰°]/u,
  // Parts of compounds, "non-flammable" first of all.
  /\p{L}-\|\p{L}|\p{L}\|-\p{L}/u,
  // "can't".
  /\p{L}\|'t/u,
];
/** These are no signs of a number, nor do they join words. */
const LONG_DASH = '—';
const GROUPING_SPACE = /[\u00a0\u2009\u202f]/;

/** Whether a place in a folded text lies inside a word or a number. */
function cutsAt({ original, text, starts }: Folded, at: number): boolean {
  const left = text[at - 1];
  const right = text[at];
  if (left === undefined || right === undefined) return false;
  if (WORD.test(left) && WORD.test(right)) return !UNSPACED.test(left) && !UNSPACED.test(right);
  const written = (i: number): string => {
    const sign = text[i] ?? '';
    const before = original[starts[i] ?? -1] ?? '';
    return sign === '-' && before === LONG_DASH ? LONG_DASH : GROUPING_SPACE.test(before) ? '\u00a0' : sign;
  };
  const around = `${written(at - 2)}${written(at - 1)}|${written(at)}${written(at + 1)}`;
  return CUT.some((pattern) => pattern.test(around));
}

const ENOUGH_LETTERS = 12;
const ENOUGH_WORDS = 3;
/** Letters that a character of a script without spaces stands for. */
const UNSPACED_WEIGHT = 3;
const words = new Intl.Segmenter('und', { granularity: 'word' });

/**
 * Whether a quote says enough to support anything: two content words or numbers, or one among three words or twelve
 * letters. "of" and "the bridge" stand in too many texts.
 */
export function saysEnough(quote: string, contentWords: number): boolean {
  if (contentWords === 0) return false;
  if (contentWords > 1) return true;
  let letters = 0;
  for (const sign of quote) if (WORD.test(sign)) letters += UNSPACED.test(sign) ? UNSPACED_WEIGHT : 1;
  if (letters >= ENOUGH_LETTERS) return true;
  const wordLike = [...words.segment(quote)].filter((segment) => segment.isWordLike);
  return wordLike.length >= ENOUGH_WORDS;
}
