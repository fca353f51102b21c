/** A piece of a model's answer: words to show, or a reference to a passage. */
export type AnswerPiece = { kind: 'text'; text: string } | { kind: 'mark'; raw: string; marks: Mark[] };

export interface Mark {
  /** The number that the model wrote. */
  passage: number;
  quote: string | null;
}

/** Longer than any quote that was asked for; what is still open then is text. */
const MAX_MARK = 1500;
const OPEN = `"“„«'‘`;
const CLOSE = `"”“»'’`;

/** `[2]`, `[1, 3]`, `[2: "quote"]`, and several of the latter parted by semicolons or commas. */
const NUMBERS = /^\[\s*\d{1,3}(?:\s*[,;]\s*\d{1,3})*\s*\]/;
const PART = new RegExp(
  `\\s*(\\d{1,3})\\s*[:,]\\s*[${OPEN}]([\\s\\S]*?)[${CLOSE}]\\s*(?:(\\])|[;,](?=\\s*\\d{1,3}\\s*[:,]\\s*[${OPEN}]))`,
  'y',
);
/** What may still become one of them. */
const UNFINISHED = new RegExp(
  `^\\[\\s*(?:\\d{1,3}\\s*(?:[,;]\\s*\\d{1,3}\\s*)*(?:[:,;]\\s*(?:[${OPEN}][\\s\\S]*)?)?)?$`,
);

/**
 * Reads a model's answer as it arrives. Marks come out whole or not at all: a `[` is held back until it is
 * clear what it begins.
 */
export class CitationParser {
  private held = '';

  *push(text: string): Generator<AnswerPiece> {
    this.held += text;
    yield* this.drain(false);
  }

  /** At the end of the answer: whatever is unfinished is shown as it is. */
  *end(): Generator<AnswerPiece> {
    yield* this.drain(true);
  }

  private *drain(complete: boolean): Generator<AnswerPiece> {
    while (this.held !== '') {
      const open = this.held.indexOf('[');
      if (open !== 0) {
        const text = open < 0 ? this.held : this.held.slice(0, open);
        this.held = this.held.slice(text.length);
        yield { kind: 'text', text };
        continue;
      }
      const piece = readMark(this.held);
      if (piece) {
        this.held = this.held.slice(piece.raw.length);
        yield piece;
      } else if (!complete && this.held.length < MAX_MARK && UNFINISHED.test(this.held)) {
        return;
      } else {
        this.held = this.held.slice(1);
        yield { kind: 'text', text: '[' };
      }
    }
  }
}

function readMark(text: string): Extract<AnswerPiece, { kind: 'mark' }> | null {
  const numbers = NUMBERS.exec(text);
  if (numbers) {
    const marks = [...numbers[0].matchAll(/\d+/g)].map(([n]) => ({ passage: Number(n), quote: null }));
    return { kind: 'mark', raw: numbers[0], marks };
  }
  const marks: Mark[] = [];
  PART.lastIndex = 1;
  for (;;) {
    const from = PART.lastIndex;
    const part = PART.exec(text);
    if (!part || from > MAX_MARK) return null;
    marks.push({ passage: Number(part[1]), quote: part[2] ?? '' });
    if (part[3]) return { kind: 'mark', raw: text.slice(0, PART.lastIndex), marks };
  }
}
