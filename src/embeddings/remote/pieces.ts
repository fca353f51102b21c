import { estimateTokens } from '../token-counter.js';

/** A part of a text that is embedded by itself. */
export interface Piece {
  text: string;
  /** Estimated. */
  tokens: number;
}

/** Stands for a text in which there is nothing to read: APIs refuse empty ones. */
const NOTHING = '-';

/**
 * A text in as few pieces as the limit allows, about equally long and cut between words where there are any:
 * nothing of it is left out.
 */
export function piecesOf(text: string, maxTokens: number): Piece[] {
  const clean = text.toWellFormed().replaceAll('\0', ' ');
  if (!/[^\s\p{C}]/u.test(clean)) return [{ text: NOTHING, tokens: 1 }];
  return split(clean, maxTokens);
}

function split(text: string, maxTokens: number): Piece[] {
  const tokens = Math.ceil(estimateTokens(text));
  if (tokens <= maxTokens || text.length < 2) return [{ text, tokens: Math.max(1, tokens) }];
  const parts = Math.ceil(tokens / maxTokens);
  const pieces: Piece[] = [];
  for (let part = 1, from = 0; part <= parts; part++) {
    const to = part === parts ? text.length : boundary(text, from, Math.floor((part * text.length) / parts));
    if (to > from) {
      const piece = text.slice(from, to);
      // Text is not equally dense everywhere.
      if (/[^\s\p{C}]/u.test(piece)) for (const smaller of split(piece, maxTokens)) pieces.push(smaller);
    }
    from = to;
  }
  return pieces;
}

/** The last space in the fifth before `at`, else a place between two whole characters. */
function boundary(text: string, from: number, at: number): number {
  const space = text.lastIndexOf(' ', at);
  if (space > at - (at - from) / 5) return space + 1;
  return (text.codePointAt(at - 1) ?? 0) > 0xffff ? at - 1 : at;
}

/** Lists of pieces, each within the limits of a request; at least one piece in each. */
export function packed<T extends Piece>(
  pieces: readonly T[],
  most: { texts: number; tokens: number },
): T[][] {
  const batches: T[][] = [];
  let sum = 0;
  for (const piece of pieces) {
    const last = batches.at(-1);
    if (last && last.length < most.texts && sum + piece.tokens <= most.tokens) {
      last.push(piece);
      sum += piece.tokens;
    } else {
      batches.push([piece]);
      sum = piece.tokens;
    }
  }
  return batches;
}
