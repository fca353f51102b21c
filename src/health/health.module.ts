import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { EmbeddingsModule } from '../embeddings/embeddings.module.js';
import { IngestionModule } from '../ingestion/ingestion.module.js';
import { LlmModule } from '../llm/llm.module.js';
import { RerankingModule } from '../reranking/reranking.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { VectorModule } from '../vector/vector.module.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { MetricsService } from './metrics.service.js';

@Module({
  imports: [
    AuthModule,
    DocumentsModule,
    EmbeddingsModule,
    IngestionModule,
    LlmModule,
    RerankingModule,
    StorageModule,
    VectorModule,
  ],
  controllers: [HealthController],
  providers: [HealthService, MetricsService],
  exports: [HealthService],
})
export class HealthModule {}
