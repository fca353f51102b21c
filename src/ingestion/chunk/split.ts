import { sentenceEnds } from '../../common/text/sentence-ends.js';

/** Part of a document's text, end exclusive. */
export interface Span {
  start: number;
  end: number;
}

/** What a span costs of a passage's budget. */
export type Measure = (start: number, end: number) => number;

/**
 * Characters that count as a token at least. An encoder sees a megabyte without spaces as one unknown word;
 * a passage may still not be that long.
 */
export const CHARS_PER_TOKEN = 10;

/** Longer paragraphs are cut at a line end or space first: segmenting is meant for texts of moderate size. */
const SEGMENTER_WINDOW = 16_384;
const CLUSTER_WINDOW = 64;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

const isSpace = (text: string, at: number): boolean => /\s/.test(text.charAt(at));

/** The span without white space at its ends; empty when nothing else is in it. */
export function trimSpan(text: string, { start, end }: Span): Span {
  let from = start;
  let to = end;
  while (from < to && isSpace(text, from)) from++;
  while (to > from && isSpace(text, to - 1)) to--;
  return { start: from, end: to };
}

/** Last place at or before `at` where a character may be parted from the next, but always after `from`. */
function clusterBoundary(text: string, from: number, at: number): number {
  const low = Math.max(from, at - CLUSTER_WINDOW);
  const segment = graphemes.segment(text.slice(low, at + CLUSTER_WINDOW)).containing(at - low);
  const boundary = segment === undefined ? at : low + segment.index;
  if (boundary > from) return boundary;
  // One endless cluster of combining marks: at least its surrogate pairs stay whole.
  const isInsidePair = /[\ud800-\udbff]/.test(text.charAt(at - 1)) && /[\udc00-\udfff]/.test(text.charAt(at));
  return isInsidePair ? (at - 1 > from ? at - 1 : at + 1) : at;
}

/** Best place to cut `text` in (`from`, `at`]: a line end, a space, a mark between clauses, else between characters. */
function cutBefore(text: string, from: number, at: number): number {
  const length = at - from;
  for (let i = at; i > from + length * 0.7; i--) if (text[i] === '\n' || text[i - 1] === '\n') return i;
  for (let i = at; i > from + length * 0.5; i--) if (isSpace(text, i) || isSpace(text, i - 1)) return i;
  for (let i = at; i > from + length * 0.5; i--)
    if (/[,;:、，；：。）)\]]/.test(text.charAt(i - 1))) return clusterBoundary(text, from, i);
  return clusterBoundary(text, from, at);
}

/** Cuts a span that has no sentence ends to go by. Each character is measured about once. */
export function hardSplit(text: string, span: Span, limit: number, measure: Measure): Span[] {
  const pieces: Span[] = [];
  let charsPerToken = 3;
  let { start } = trimSpan(text, span);
  while (start < span.end) {
    let size = Math.max(1, Math.min(span.end - start, Math.floor(limit * charsPerToken)));
    for (;;) {
      const end = start + size >= span.end ? span.end : cutBefore(text, start, start + size);
      const cost = measure(start, end);
      if (cost <= limit || end - start <= 1) {
        const piece = trimSpan(text, { start, end });
        if (piece.end > piece.start) pieces.push(piece);
        charsPerToken = Math.min(CHARS_PER_TOKEN, (0.95 * (end - start)) / Math.max(1, cost));
        start = trimSpan(text, { start: end, end: span.end }).start;
        break;
      }
      // A surrogate pair cannot be halved: the cut moves past it, so the size must be allowed to stay at 1.
      const smaller = Math.floor((end - start) * Math.min(0.9, (0.95 * limit) / cost));
      if (size === 1) {
        pieces.push({ start, end });
        start = end;
        break;
      }
      size = Math.max(1, Math.min(size - 1, smaller));
    }
  }
  return pieces;
}

/** Sentences of a span; a line end inside a paragraph is only where the line was full. */
function sentenceSpans(text: string, span: Span): Span[] {
  const spans: Span[] = [];
  const flowing = text.slice(span.start, span.end).replace(/(?<!\n)\n(?!\n)/g, ' ');
  let { start } = span;
  for (const at of sentenceEnds(flowing)) {
    const end = span.start + at;
    const sentence = trimSpan(text, { start, end });
    if (sentence.end > sentence.start) spans.push(sentence);
    start = end;
  }
  return spans;
}

/** Windows of a long span, cut where a line or word ends. */
function windows(text: string, span: Span): Span[] {
  const spans: Span[] = [];
  for (let { start } = span; start < span.end;) {
    const end =
      start + SEGMENTER_WINDOW >= span.end ? span.end : cutBefore(text, start, start + SEGMENTER_WINDOW);
    spans.push({ start, end });
    start = end;
  }
  return spans;
}

/** Parts of a span that each cost at most `limit`: whole sentences, and pieces of those that are too long. */
export function splitSpan(text: string, span: Span, limit: number, measure: Measure): Span[] {
  const parts: Span[] = [];
  for (const window of windows(text, span)) {
    for (const sentence of sentenceSpans(text, window)) {
      const fits =
        sentence.end - sentence.start <= limit * CHARS_PER_TOKEN &&
        measure(sentence.start, sentence.end) <= limit;
      if (fits) parts.push(sentence);
      else parts.push(...hardSplit(text, sentence, limit, measure));
    }
  }
  return parts;
}
