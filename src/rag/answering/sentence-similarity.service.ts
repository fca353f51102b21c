import { Injectable } from '@nestjs/common';
import { EmbeddingsService } from '../../embeddings/embeddings.service.js';
import { foreignShare } from '../search/language-vote.js';

/** Of a question that an encoder reads less of than this, its cosines tell nothing. */
const READ_SHARE = 0.5;

/** An answer waits no longer than this, in milliseconds, for what the encoder says of its sentences. */
const LONGEST_WAIT = 2_000;

/** How near sentences are to a question, by the encoder. */
@Injectable()
export class SentenceSimilarity {
  constructor(private readonly embeddings: EmbeddingsService) {}

  /** Cosines between which the encoder's unrelated and matching texts usually lie. */
  get scale(): { unrelated: number; matching: number } {
    return this.embeddings.info().scoreScale;
  }

  /** Whether what the encoder says of a question may be heeded. */
  reads(question: string): boolean {
    const { modelId, languages } = this.embeddings.info();
    return 1 - foreignShare(question, languages, this.embeddings.counter(modelId)) >= READ_SHARE;
  }

  /**
   * Cosines in the order of the sentences. Throws `encoder_unavailable`, a TimeoutError when the encoder takes too
   * long, and the signal's reason.
   */
  async compare(
    question: string,
    sentences: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<number[]> {
    const until = AbortSignal.any([AbortSignal.timeout(LONGEST_WAIT), ...(signal ? [signal] : [])]);
    const [vector, others] = await Promise.all([
      this.embeddings.embedQuery(question, until),
      this.embeddings.embedUrgently(sentences, until),
    ]);
    return others.map((other) => other.reduce((sum, value, i) => sum + value * (vector[i] ?? 0), 0));
  }
}
