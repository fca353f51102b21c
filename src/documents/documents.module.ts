import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { CollectionsModule } from '../collections/collections.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { CollectionRemovalController } from './collection-removal.controller.js';
import { DocumentEditsRepository } from './document-edits.repository.js';
import { DocumentEditsService } from './document-edits.service.js';
import { DocumentIntakeService } from './document-intake.service.js';
import { DocumentPartsRepository } from './document-parts.repository.js';
import { DocumentPartsService } from './document-parts.service.js';
import { DocumentPublishingService } from './document-publishing.service.js';
import { DocumentRemovalService } from './document-removal.service.js';
import { DocumentVersionsRepository } from './document-versions.repository.js';
import { DocumentsController } from './documents.controller.js';
import { DocumentsDataRepository } from './documents-data.repository.js';
import { DocumentsRepository } from './documents.repository.js';
import { DocumentsService } from './documents.service.js';
import { DocumentChanges } from './events/document-changes.service.js';
import { DocumentChangesRepository } from './events/document-changes.repository.js';
import { DocumentEventsController } from './events/document-events.controller.js';
import { DocumentEventsService } from './events/document-events.service.js';
import { QuotasRepository } from './quotas.repository.js';
import { QuotasService } from './quotas.service.js';
import { ReadingRepository } from './reading.repository.js';
import { ReadingService } from './reading.service.js';
import { RemovalsController } from './removals.controller.js';
import { RemovalsRepository } from './removals.repository.js';
import { SameContentRepository } from './same-content.repository.js';
import { StagedVersionsRepository } from './staged-versions.repository.js';
import { UploadsService } from './uploads.service.js';

@Module({
  imports: [AuditModule, CollectionsModule, StorageModule],
  // Its routes come before `:id`.
  controllers: [
    DocumentEventsController,
    DocumentsController,
    CollectionRemovalController,
    RemovalsController,
  ],
  providers: [
    DocumentsService,
    DocumentsRepository,
    DocumentsDataRepository,
    DocumentEventsService,
    DocumentChanges,
    DocumentChangesRepository,
    DocumentEditsRepository,
    DocumentEditsService,
    DocumentVersionsRepository,
    DocumentIntakeService,
    DocumentPartsRepository,
    DocumentPartsService,
    DocumentPublishingService,
    DocumentRemovalService,
    QuotasRepository,
    QuotasService,
    ReadingRepository,
    ReadingService,
    RemovalsRepository,
    SameContentRepository,
    StagedVersionsRepository,
    UploadsService,
  ],
  exports: [
    DocumentsService,
    DocumentEditsService,
    DocumentPublishingService,
    DocumentRemovalService,
    ReadingService,
  ],
})
export class DocumentsModule {}
