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

  /** At the end of the answer: whatever is unfinished is shown as it is; where the answer was cut off, it is left out. */
  *end(cut = false): Generator<AnswerPiece> {
    // Nothing is held but what may still become a mark.
    if (cut) this.held = '';
    yield* this.drain(true);
  }

  private *drain(complete: boolean): Generator<AnswerPiece> {
    const { held } = this;
    // A text is one piece up to the next mark, however many brackets it has.
    let from = 0;
    let open = held.indexOf('[');
    while (open >= 0) {
      const window = held.slice(open, open + MAX_MARK);
      const piece = readMark(window);
      if (piece) {
        if (open > from) yield { kind: 'text', text: held.slice(from, open) };
        yield piece;
        from = open + piece.raw.length;
      } else if (!complete && held.length - open < MAX_MARK && UNFINISHED.test(window)) break;
      open = held.indexOf('[', piece ? from : open + 1);
    }
    const end = open < 0 ? held.length : open;
    this.held = held.slice(end);
    if (end > from) yield { kind: 'text', text: held.slice(from, end) };
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
    const part = PART.exec(text);
    if (!part) return null;
    marks.push({ passage: Number(part[1]), quote: part[2] ?? '' });
    if (part[3]) return { kind: 'mark', raw: text.slice(0, PART.lastIndex), marks };
  }
}
