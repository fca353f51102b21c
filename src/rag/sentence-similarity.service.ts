import { Injectable } from '@nestjs/common';
import { EmbeddingsService } from '../embeddings/embeddings.service.js';

/** How near sentences are to a question, by the encoder. */
@Injectable()
export class SentenceSimilarity {
  constructor(private readonly embeddings: EmbeddingsService) {}

  /** Cosines between which the encoder's unrelated and matching texts usually lie. */
  get scale(): { unrelated: number; matching: number } {
    return this.embeddings.info().scoreScale;
  }

  /** Cosines in the order of the sentences. @throws AppError `encoder_unavailable` */
  async compare(question: string, sentences: readonly string[]): Promise<number[]> {
    const [vector, others] = await Promise.all([
      this.embeddings.embedQuery(question),
      this.embeddings.embedPassages(sentences),
    ]);
    return others.map((other) => other.reduce((sum, value, i) => sum + value * (vector[i] ?? 0), 0));
  }
}
