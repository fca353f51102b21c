import type { AnswerEvent, AnswerPassage, Citation } from '../../answer.types.js';
import { locateQuote } from '../../cite.js';
import type { AnswerPiece, Mark } from './citation-parser.js';

/** Numbers the citations of one answer and checks their quotes. */
export class Citations {
  verified = false;
  private readonly numbers = new Map<string, number>();

  constructor(private readonly passages: readonly AnswerPassage[]) {}

  get count(): number {
    return this.numbers.size;
  }

  /** A mark as it is shown, `[n]`, each new one followed by its citation. A number that is no passage's is text;
   * a quote that is nowhere, with such a number, is dropped. */
  *resolve(piece: Extract<AnswerPiece, { kind: 'mark' }>): Generator<AnswerEvent> {
    // "[2019]" cannot come here, but "[99]" may be part of a quoted text.
    if (piece.marks.some(({ passage, quote }) => quote === null && !this.passages[passage - 1])) {
      yield { type: 'token', text: piece.raw };
      return;
    }
    for (const mark of piece.marks) {
      const citation = this.cite(mark);
      if (!citation) continue;
      const key = `${citation.chunkId} ${citation.charStart} ${citation.charEnd} ${citation.quote}`;
      const known = this.numbers.get(key);
      const n = known ?? this.numbers.size + 1;
      this.numbers.set(key, n);
      yield { type: 'token', text: `[${n}]` };
      if (known === undefined) yield { type: 'citation', citation: { ...citation, n } };
      this.verified ||= citation.verified;
    }
  }

  private cite({ passage: number, quote }: Mark): Citation | null {
    const named = this.passages[number - 1];
    // A model may mix up the numbers; the words decide where they come from.
    const sources = quote === null ? [] : [...(named ? [named] : []), ...this.passages];
    for (const passage of sources) {
      const span = locateQuote(quote ?? '', passage.text);
      if (span)
        return citation(passage, span.start, span.end, passage.text.slice(span.start, span.end), true);
    }
    return named ? citation(named, 0, named.text.length, quote ?? named.text, false) : null;
  }
}

const citation = (
  passage: AnswerPassage,
  start: number,
  end: number,
  quote: string,
  verified: boolean,
): Citation => ({
  n: 0,
  documentId: passage.documentId,
  docId: passage.docId,
  chunkId: passage.chunkId,
  title: passage.title,
  page: passage.page,
  charStart: passage.charStart + start,
  charEnd: passage.charStart + end,
  quote,
  verified,
});
