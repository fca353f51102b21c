import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { CollectionsModule } from '../collections/collections.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { EmbeddingsModule } from '../embeddings/embeddings.module.js';
import { IngestionModule } from '../ingestion/ingestion.module.js';
import { RagModule } from '../rag/rag.module.js';
import { VectorModule } from '../vector/vector.module.js';
import { EncoderComparison } from './encoder-comparison.service.js';
import { EncoderFollower } from './encoder-follower.service.js';
import { EncoderSwitches } from './encoder-switches.service.js';
import { EncoderSwitchesRepository } from './encoder-switches.repository.js';
import { Samples } from './samples.service.js';
import { SwitchLedger } from './switch-ledger.service.js';
import { SwitchRunner } from './switch-runner.service.js';
import { SwitchSteps } from './switch-steps.service.js';

@Module({
  imports: [
    AuditModule,
    CollectionsModule,
    DocumentsModule,
    EmbeddingsModule,
    IngestionModule,
    RagModule,
    VectorModule,
  ],
  providers: [
    EncoderComparison,
    EncoderFollower,
    EncoderSwitches,
    EncoderSwitchesRepository,
    Samples,
    SwitchLedger,
    SwitchRunner,
    SwitchSteps,
  ],
  exports: [EncoderSwitches],
})
export class EncodersModule {}
