import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { CollectionsModule } from '../collections/collections.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { AnswerCleanup } from './answer-cleanup.service.js';
import { AnswersController } from './answers.controller.js';
import { AnswersRepository } from './answers.repository.js';
import { AnswersService } from './answers.service.js';
import { ConversationsController } from './conversations.controller.js';
import { ConversationsDataRepository } from './conversations-data.repository.js';
import { ConversationsRepository } from './conversations.repository.js';
import { ConversationsService } from './conversations.service.js';
import { FeedbackExportController } from './feedback-export.controller.js';
import { FeedbackService } from './feedback.service.js';

@Module({
  imports: [AuditModule, CollectionsModule, DocumentsModule],
  controllers: [ConversationsController, AnswersController, FeedbackExportController],
  providers: [
    ConversationsDataRepository,
    ConversationsService,
    ConversationsRepository,
    AnswersService,
    AnswersRepository,
    AnswerCleanup,
    FeedbackService,
  ],
  exports: [ConversationsService, AnswersService, FeedbackService],
})
export class ConversationsModule {}
