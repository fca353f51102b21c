import { Injectable } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { EmbeddingsService } from '../embeddings/embeddings.service.js';
import { LlmService } from '../llm/llm.service.js';
import { RerankingService } from '../reranking/reranking.service.js';

/** What retrieval and answers are made with at the moment, so that figures can be told apart. */
export interface RagParts {
  version: string;
  /** Null while it is not ready. */
  encoder: string | null;
  fusion: string;
  reranker: string | null;
  llm: string | null;
}

@Injectable()
export class RagSetup {
  constructor(
    private readonly settings: Settings,
    private readonly embeddings: EmbeddingsService,
    private readonly llm: LlmService,
    private readonly reranking: RerankingService,
  ) {}

  describe(): RagParts {
    return {
      version: this.settings.packageVersion,
      encoder: this.embeddings.state().state === 'ready' ? this.embeddings.info().modelId : null,
      fusion: this.settings.fusion,
      reranker: this.reranking.modelId,
      llm: this.llm.modelId,
    };
  }
}
