import { estimateTokens } from '../../embeddings/token-counter.js';
import type { AnswerPassage } from '../answer.types.js';

/** Tags, number, title and page around a passage. */
const FRAME_TOKENS = 40;
/** A piece of a passage that is shorter says too little. */
const MIN_PIECE_TOKENS = 60;

/**
 * The passages that fit into a number of tokens, most useful first: what comes later gives way. The first that
 * does not fit is cut after its last whole word or sentence; a passage inside another is left out.
 */
export function fitPassages(passages: readonly AnswerPassage[], tokens: number): AnswerPassage[] {
  const chosen: AnswerPassage[] = [];
  let left = tokens;
  for (const passage of passages) {
    if (chosen.some((other) => contains(other, passage))) continue;
    const size = FRAME_TOKENS + Math.ceil(estimateTokens(passage.text));
    if (size <= left) {
      chosen.push(passage);
      left -= size;
      continue;
    }
    const room = left - FRAME_TOKENS;
    if (room >= MIN_PIECE_TOKENS || chosen.length === 0) {
      const piece = cut(passage, room);
      if (piece) chosen.push(piece);
    }
    break;
  }
  return chosen;
}

const contains = (outer: AnswerPassage, inner: AnswerPassage): boolean =>
  outer.documentId === inner.documentId &&
  outer.charStart <= inner.charStart &&
  outer.charEnd >= inner.charEnd;

function cut(passage: AnswerPassage, tokens: number): AnswerPassage | null {
  const { text } = passage;
  let length = Math.floor((text.length * tokens) / Math.max(1, estimateTokens(text)));
  while (length > 0 && estimateTokens(text.slice(0, length)) > tokens) length = Math.floor(length * 0.9);
  const piece = text.slice(0, length);
  // A sentence's end in the second half of what fits, else a space; text without either is cut between characters.
  const sentence = Math.max(...['. ', '.\n', '? ', '! ', '。'].map((end) => piece.lastIndexOf(end) + 1));
  const space = Math.max(piece.lastIndexOf(' '), piece.lastIndexOf('\n'));
  const end = sentence > length / 2 ? sentence : space > length / 2 ? space : wholeCharacters(piece);
  if (end <= 0) return null;
  return { ...passage, text: text.slice(0, end), charEnd: passage.charStart + end };
}

const wholeCharacters = (piece: string): number =>
  /[\ud800-\udbff]$/.test(piece) ? piece.length - 1 : piece.length;
