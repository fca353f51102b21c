import { Injectable } from '@nestjs/common';
import { EmbeddingsService } from '../embeddings/embeddings.service.js';
import { EmbeddingBacklog } from '../ingestion/embedding/embedding-backlog.service.js';
import { VectorService } from '../vector/vector.service.js';

/** How far the vector index is. */
@Injectable()
export class IndexFigures {
  constructor(
    private readonly vectors: VectorService,
    private readonly embeddings: EmbeddingsService,
    private readonly backlog: EmbeddingBacklog,
  ) {}

  async figures(): Promise<{
    encoder: string;
    encoder_state: string;
    vectors: number | null;
    waiting: number;
  }> {
    const [vectors, waiting] = await Promise.all([
      this.vectors.count().catch(() => null),
      this.backlog.pending(),
    ]);
    const { modelId } = this.embeddings.chosenInfo();
    return {
      encoder: modelId,
      encoder_state: this.embeddings.stateOf(modelId).state,
      vectors,
      waiting,
    };
  }
}
