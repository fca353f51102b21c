import type { AnswerEvent, AnswerPassage, Citation } from '../../answer.types.js';
import { citationOf, withoutMarks } from '../../answering/citation.js';
import { fold, locateQuote, saysEnough, type Folded, type QuoteSpan } from '../../answering/cite.js';
import type { Analyse } from '../../analyse.types.js';
import { splitSentences } from '../../text/sentences.js';
import type { AnswerPiece, Mark } from './citation-parser.js';

/** Share of a claim's words that the sentence cited for it without a quote must hold. */
const ENOUGH = 0.4;
const words = new Intl.Segmenter('und', { granularity: 'word' });

interface SentenceWords {
  span: QuoteSpan;
  held: ReadonlySet<string>;
}

interface Read {
  folded?: Folded;
  sentences?: SentenceWords[];
}

/** Numbers the citations of one answer; only what stands in a passage becomes one. */
export class Citations {
  private readonly numbers = new Map<string, number>();
  /** A model may cite one passage thousands of times. */
  private readonly read = new Map<AnswerPassage, Read>();
  private last: { claim: string; wanted: ReadonlySet<string>; spans: Map<AnswerPassage, QuoteSpan | null> } =
    {
      claim: '',
      wanted: new Set(),
      spans: new Map(),
    };

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
      const span = named && this.likeliest(claim, named);
      return named && span ? citationOf(named, span) : null;
    }
    // A model may mix up the numbers; the words decide where they come from.
    for (const passage of [...(named ? [named] : []), ...this.passages]) {
      if (!saysEnough(quote, this.analyse(quote, passage.language).length)) continue;
      const span = locateQuote(quote, this.folded(passage));
      if (span) return citationOf(passage, span);
    }
    return null;
  }

  /** The sentence of a passage that holds most words of a claim; null when none holds enough of them. */
  private likeliest(claim: string, passage: AnswerPassage): QuoteSpan | null {
    if (claim !== this.last.claim) this.last = { claim, wanted: wordsOf(claim), spans: new Map() };
    const { wanted, spans } = this.last;
    const known = spans.get(passage);
    if (known !== undefined) return known;
    let best: { span: QuoteSpan; share: number } | null = null;
    for (const { span, held } of wanted.size === 0 ? [] : this.sentences(passage)) {
      const share = [...wanted].filter((word) => held.has(word)).length / wanted.size;
      if (share >= ENOUGH && share > (best?.share ?? 0)) best = { span, share };
    }
    spans.set(passage, best?.span ?? null);
    return best?.span ?? null;
  }

  private folded(passage: AnswerPassage): Folded {
    const read = this.reading(passage);
    return (read.folded ??= fold(passage.text));
  }

  private sentences(passage: AnswerPassage): SentenceWords[] {
    const read = this.reading(passage);
    return (read.sentences ??= splitSentences(passage.text).map((span) => ({
      span,
      held: wordsOf(passage.text.slice(span.start, span.end)),
    })));
  }

  private reading(passage: AnswerPassage): Read {
    const read = this.read.get(passage) ?? {};
    this.read.set(passage, read);
    return read;
  }
}

const wordsOf = (text: string): Set<string> =>
  new Set(
    [...words.segment(text.normalize('NFKC').toLowerCase())].flatMap(({ segment, isWordLike }) =>
      isWordLike ? [segment] : [],
    ),
  );
