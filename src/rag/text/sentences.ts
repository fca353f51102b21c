import { isCounter, sentenceEnds } from '../../common/text/sentence-ends.js';
import { unwrapped } from './wrapped-lines.js';

/** A sentence, list item or line of a passage. Offsets are code units of the passage. */
export interface Sentence {
  start: number;
  end: number;
}

const MAX_LENGTH = 500;

/** Bullets, rules and cell borders around what is said. */
const LEAD = /^(?:\s|(?:[-*•–—▪·|]|>{1,9}|#{1,6})(?=\s))+/u;
const TAIL = /(?:\s|(?<=\s)\|)+$/u;
const WORDS = /[\p{L}\p{N}]/u;

/**
 * The first sentences of a passage, in order: lists and lines are kept apart, wrapped lines and abbreviations are not. What
 * stands behind the last one asked for is not read.
 */
export function splitSentences(text: string, most = Infinity): Sentence[] {
  const sentences: Sentence[] = [];
  if (most <= 0) return sentences;
  for (const sentence of sentencesOf(text)) if (sentences.push(sentence) >= most) break;
  return sentences;
}

function* sentencesOf(text: string): Generator<Sentence> {
  for (const [from, to] of unwrapped(text))
    yield* sentencesOfBlock(text, from, from + text.slice(from, to).trimEnd().length);
}

function* sentencesOfBlock(text: string, from: number, to: number): Generator<Sentence> {
  // The segmenter ends a sentence at every line break; a space of the same length keeps the offsets.
  const block = text.slice(from, to).replaceAll('\n', ' ');
  let start = from;
  for (const end of sentenceEnds(block)) {
    yield* pieces(text, start, from + end);
    start = from + end;
  }
}

/** A sentence without what stands around it, in parts where it is too long; none where it has no words. */
function* pieces(text: string, from: number, to: number): Generator<Sentence> {
  for (let start = from; start < to;) {
    let end = to;
    if (end - start > MAX_LENGTH) {
      const space = text.lastIndexOf(' ', start + MAX_LENGTH);
      end = space > start ? space + 1 : wholeCharacter(text, start + MAX_LENGTH);
    }
    const raw = text.slice(start, end);
    const said = raw.replace(LEAD, '').replace(TAIL, '');
    if (WORDS.test(said) && !isCounter(said)) {
      const begin = start + raw.length - raw.replace(LEAD, '').length;
      yield { start: begin, end: begin + said.length };
    }
    start = end;
  }
}

/** The same place, or the one before where it would part a surrogate pair. */
const wholeCharacter = (text: string, at: number): number =>
  (text.codePointAt(at - 1) ?? 0) > 0xffff ? at - 1 : at;
