import { Module } from '@nestjs/common';
import { TransformersRerankerLoader } from './adapters/transformers/transformers-reranker.js';
import { RerankerLoader } from './reranker.port.js';
import { RerankingService } from './reranking.service.js';

@Module({
  providers: [RerankingService, { provide: RerankerLoader, useClass: TransformersRerankerLoader }],
  exports: [RerankingService],
})
export class RerankingModule {}
