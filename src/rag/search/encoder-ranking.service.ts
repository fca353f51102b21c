import { Injectable } from '@nestjs/common';
import type { AppError } from '../../common/errors/app-error.js';
import { EmbeddingsService } from '../../embeddings/embeddings.service.js';
import { VectorService } from '../../vector/vector.service.js';
import { HybridSearch } from './hybrid-search.js';

export interface RankingRequest {
  query: string;
  collectionIds: readonly string[];
  limit: number;
  signal: AbortSignal;
}

/** What a search would find with one encoder or another, to compare them. Shows nothing of what it finds. */
@Injectable()
export class EncoderRanking {
  constructor(
    private readonly search: HybridSearch,
    private readonly embeddings: EmbeddingsService,
    private readonly vectors: VectorService,
  ) {}

  /**
   * Ids of documents, best first, that a hybrid search with this encoder finds.
   * @throws AppError where the encoder or its vectors cannot be asked
   */
  async rank({ query, collectionIds, limit, signal }: RankingRequest, modelId: string): Promise<string[]> {
    const vector: Promise<Float32Array | AppError> = Promise.resolve(
      await this.embeddings.embedQuery(query, signal, modelId),
    );
    const { languages, lexicalWeight } = this.embeddings.infoOf(modelId);
    const { units, degraded } = await this.search.search({
      query,
      scope: { collectionIds: [...collectionIds] },
      limit,
      mode: 'hybrid',
      grouping: 'document',
      vector,
      languages,
      countTokens: this.embeddings.counter(modelId),
      lexicalWeight,
      vectors: this.vectors.of(modelId),
    });
    if (degraded.length > 0)
      throw new Error(`a part of the search was not available: ${degraded.join(', ')}`);
    return units.slice(0, limit).map((unit) => unit.documentId);
  }
}
