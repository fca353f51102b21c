import type { AnswerEvent, AnswerPassage, Citation } from '../../answer.types.js';
import { citationOf, withoutMarks } from '../../citation.js';
import { locateQuote, saysEnough, type QuoteSpan } from '../../cite.js';
import type { Analyse } from '../../analyse.types.js';
import { splitSentences } from '../../sentences.js';
import type { AnswerPiece, Mark } from './citation-parser.js';

/** Share of a claim's words that the sentence cited for it without a quote must hold. */
const ENOUGH = 0.4;
const words = new Intl.Segmenter('und', { granularity: 'word' });

/** Numbers the citations of one answer; only what stands in a passage becomes one. */
export class Citations {
  private readonly numbers = new Map<string, number>();

  constructor(
    private readonly passages: readonly AnswerPassage[],
    private readonly analyse: Analyse,
  ) {}

  get count(): number {
    return this.numbers.size;
  }

  /**
   * A mark as it is shown, `[n]`, each new one followed by its citation. A quote that stands in no passage, or
   * says nothing, is dropped with its mark; a number that is no passage's, without a quote, is text, and does not look like a mark.
   */
  *resolve(piece: Extract<AnswerPiece, { kind: 'mark' }>, claim: string): Generator<AnswerEvent> {
    // "[2019]" cannot come here, but "[99]" may be part of a quoted text.
    if (piece.marks.some(({ passage, quote }) => quote === null && !this.passages[passage - 1])) {
      yield { type: 'token', text: withoutMarks(piece.raw) };
      return;
    }
    for (const mark of piece.marks) {
      const citation = this.cite(mark, claim);
      if (!citation) continue;
      const key = `${citation.chunkId} ${citation.charStart} ${citation.charEnd}`;
      const known = this.numbers.get(key);
      const n = known ?? this.numbers.size + 1;
      this.numbers.set(key, n);
      yield { type: 'token', text: `[${n}]` };
      if (known === undefined) yield { type: 'citation', citation: { ...citation, n } };
    }
  }

  private cite({ passage: number, quote }: Mark, claim: string): Omit<Citation, 'n'> | null {
    const named = this.passages[number - 1];
    if (quote === null) {
      const span = named && likeliest(claim, named.text);
      return named && span ? citationOf(named, span) : null;
    }
    // A model may mix up the numbers; the words decide where they come from.
    for (const passage of [...(named ? [named] : []), ...this.passages]) {
      if (!saysEnough(quote, this.analyse(quote, passage.language).length)) continue;
      const span = locateQuote(quote, passage.text);
      if (span) return citationOf(passage, span);
    }
    return null;
  }
}

const wordsOf = (text: string): Set<string> =>
  new Set(
    [...words.segment(text.normalize('NFKC').toLowerCase())].flatMap(({ segment, isWordLike }) =>
      isWordLike ? [segment] : [],
    ),
  );

/** The sentence of a passage that holds most words of a claim; null when none holds enough of them. */
function likeliest(claim: string, text: string): QuoteSpan | null {
  const wanted = wordsOf(claim);
  if (wanted.size === 0) return null;
  let best: { span: QuoteSpan; share: number } | null = null;
  for (const span of splitSentences(text)) {
    const held = wordsOf(text.slice(span.start, span.end));
    const share = [...wanted].filter((word) => held.has(word)).length / wanted.size;
    if (share >= ENOUGH && share > (best?.share ?? 0)) best = { span, share };
  }
  return best?.span ?? null;
}
