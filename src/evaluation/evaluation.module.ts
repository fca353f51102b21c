import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { CollectionsModule } from '../collections/collections.module.js';
import { ConversationsModule } from '../conversations/conversations.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { RagModule } from '../rag/rag.module.js';
import { UsersModule } from '../users/users.module.js';
import { EvaluationResults } from './evaluation-results.service.js';
import { EvaluationRunRepository } from './evaluation-run.repository.js';
import { EvaluationRunner } from './evaluation-runner.service.js';
import { EvaluationScope } from './evaluation-scope.service.js';
import { EvaluationStart } from './evaluation-start.service.js';
import { EvaluationsController } from './evaluations.controller.js';
import { EvaluationsDataRepository } from './evaluations-data.repository.js';
import { EvaluationsRepository } from './evaluations.repository.js';
import { EvaluationsService } from './evaluations.service.js';
import { QueryAsker } from './query-asker.service.js';

@Module({
  imports: [AuditModule, CollectionsModule, ConversationsModule, DocumentsModule, RagModule, UsersModule],
  controllers: [EvaluationsController],
  providers: [
    EvaluationsService,
    EvaluationStart,
    EvaluationResults,
    EvaluationRunner,
    EvaluationScope,
    QueryAsker,
    EvaluationsRepository,
    EvaluationRunRepository,
    EvaluationsDataRepository,
  ],
  exports: [EvaluationsService],
})
export class EvaluationModule {}
