import type { Analyse } from '../../analyse.types.js';
import type { AnswerEvent, AnswerPassage, AnswerRequest } from '../../answer.types.js';
import { Answerer } from '../../answerer.port.js';
import { citationOf, withoutMarks } from '../../answering/citation.js';
import { NO_ANSWER_TEXT } from '../../answering/no-answer.js';
import { gather, type Evidence } from './evidence.js';
import { aboutNamed } from './asking/identifiers.js';
import { newestOfMails, withoutMailHeaders } from './layout/mail-parts.js';
import { readQuestion, type Question } from './asking/question.js';
import { partsOf } from './asking/parts.js';
import { choose } from './quotes.js';
import { withoutEmphasis } from './shown.js';
import { rankEvidence, SUPPORTED_FROM, type Judged, type ScoreScale } from './support.js';

export interface ExtractiveOptions {
  /** As the word index has them. */
  analyse: Analyse;
  /** What a file name can be found by; without it file names say nothing. */
  nameTerms?: Analyse | undefined;
  /** Whether the encoder can read a question; what it says of others tells nothing. By default it can. */
  reads?: ((question: string) => boolean) | undefined;
  /** Cosines of a question with sentences, where an encoder is at hand. A failure counts as none. */
  similarity?:
    | ((
        question: string,
        sentences: readonly string[],
        signal: AbortSignal | undefined,
      ) => Promise<readonly number[]>)
    | undefined;
  /** The scale of the encoder in use; by default that of all-MiniLM-L6-v2. */
  scale?: (() => ScoreScale) | undefined;
}

/** Sentences whose likeness to the question is worth computing. */
const MAX_COMPARED = 12;

/** Answers without a language model: quotes the sentences that answer, word for word. */
export class ExtractiveAnswerer extends Answerer {
  readonly modelId = 'extractive';

  constructor(private readonly options: ExtractiveOptions) {
    super();
  }

  async *answer({ question, passages: found, signal }: AnswerRequest): AsyncGenerator<AnswerEvent> {
    signal?.throwIfAborted();
    const quotes: Evidence[] = [];
    for (const part of partsOf(question, this.options.analyse, languageOf(found))) {
      const { ranked, chosen } = await this.quote(part, found, signal);
      const answers = (one: Judged): boolean => one.fits && one.support >= SUPPORTED_FROM;
      // What one part quoted may answer the next one as well.
      if (
        quotes.length > 0 &&
        ranked.some((one) => answers(one) && quotes.some((said) => isWithin(one, said)))
      )
        continue;
      const isFirst = quotes.length === 0;
      for (const quote of chosen)
        if ((isFirst || quote.fits) && !quotes.some((one) => isWithin(quote, one))) quotes.push(quote);
    }
    if (quotes.length === 0) yield { type: 'token', text: NO_ANSWER_TEXT };
    for (const [i, quoted] of quotes.entries()) {
      const shown = withoutMarks(withoutEmphasis(quoted.text.replace(/\s+/g, ' ')));
      yield { type: 'token', text: `${i > 0 ? ' ' : ''}${shown} [${i + 1}]` };
      yield { type: 'citation', citation: { ...citationOf(quoted.passage, quoted), n: i + 1 } };
    }
    yield { type: 'done', supported: quotes.length > 0, model: this.modelId, usage: null, degraded: [] };
  }

  /** What answers a question, best first; nothing where the passages do not. */
  private async quote(
    question: string,
    found: readonly AnswerPassage[],
    signal: AbortSignal | undefined,
  ): Promise<{ ranked: readonly Judged[]; chosen: readonly Evidence[] }> {
    const { analyse, reads } = this.options;
    const read = readQuestion(question, analyse, languageOf(found), found);
    // Nor does an encoder know what a number names.
    const isRead = !read.namesOnly && (reads?.(question) ?? true);
    const passages = isRead ? found : found.map((passage) => ({ ...passage, similarity: undefined }));
    const gathered = aboutNamed(read.identifiers, gather(read, passages, this.options));
    const evidence = withoutMailHeaders(question, gathered);
    const judged = await this.rank(read, evidence, { isRead, signal });
    const ranked = ownOnly(newestOfMails(judged, SUPPORTED_FROM));
    signal?.throwIfAborted();
    const isAnswered = (ranked[0]?.support ?? 0) >= SUPPORTED_FROM;
    return { ranked, chosen: isAnswered ? choose(read, ranked, evidence) : [] };
  }

  private async rank(
    question: Question,
    evidence: readonly Evidence[],
    { isRead, signal }: { isRead: boolean; signal: AbortSignal | undefined },
  ): Promise<Judged[]> {
    const scale = this.options.scale?.();
    const ranked = rankEvidence(evidence, scale);
    const compared = ranked.slice(0, MAX_COMPARED);
    if (!isRead || !this.options.similarity || compared.length === 0) return ranked;
    const texts = compared.map(({ below, text }) => (below === undefined ? text : `${below}\n${text}`));
    const cosines = await this.options.similarity(question.text, texts, signal).catch(() => []);
    if (cosines.length !== compared.length) return ranked;
    return rankEvidence(compared, scale, cosines);
  }
}

const isWithin = (quote: Evidence, other: Evidence): boolean =>
  quote.passage === other.passage && quote.start >= other.start && quote.end <= other.end;

/** What says only what a question before asked of answers it again; it stands back where something answers this one. */
function ownOnly(ranked: readonly Judged[]): Judged[] {
  const own = ranked.filter((one) => one.isOwn);
  return own.some(({ support }) => support >= SUPPORTED_FROM) ? own : [...ranked];
}

/** A question is too short to tell its language; what was found for it is written in it. */
const languageOf = (passages: readonly AnswerPassage[]): string | undefined =>
  passages.find((passage) => passage.language !== undefined)?.language;
