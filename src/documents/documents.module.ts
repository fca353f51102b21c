import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { CollectionsModule } from '../collections/collections.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { CollectionRemovalController } from './collection-removal.controller.js';
import { DocumentEditsRepository } from './document-edits.repository.js';
import { DocumentEditsService } from './document-edits.service.js';
import { AcceptedFilesRepository } from './accepted-files.repository.js';
import { DocumentAcceptance } from './document-acceptance.service.js';
import { DocumentIntakeService } from './document-intake.service.js';
import { DocumentPartsRepository } from './document-parts.repository.js';
import { DocumentPartsService } from './document-parts.service.js';
import { DocumentPublishingService } from './document-publishing.service.js';
import { DocumentRemovalService } from './document-removal.service.js';
import { DocumentRestoreService } from './document-restore.service.js';
import { ExportController } from './transfer/export.controller.js';
import { ExportRepository } from './transfer/export.repository.js';
import { ExportService } from './transfer/export.service.js';
import { DocumentSuccessionService } from './document-succession.service.js';
import { DocumentVersionsRepository } from './document-versions.repository.js';
import { DocumentsController } from './documents.controller.js';
import { DocumentsDataRepository } from './documents-data.repository.js';
import { DocumentListRepository } from './document-list.repository.js';
import { DocumentsRepository } from './documents.repository.js';
import { DocumentsService } from './documents.service.js';
import { DocumentChanges } from './events/document-changes.service.js';
import { DocumentChangesRepository } from './events/document-changes.repository.js';
import { DocumentEventsController } from './events/document-events.controller.js';
import { EventPlaces } from './events/event-places.service.js';
import { DocumentEventsService } from './events/document-events.service.js';
import { MissingFiles } from './missing-files.service.js';
import { QuotasRepository } from './quotas.repository.js';
import { IncomingFiles } from './incoming-files.service.js';
import { QuotasService } from './quotas.service.js';
import { ReadingRepository } from './reading.repository.js';
import { ReadingService } from './reading.service.js';
import { RemovalsController } from './removals.controller.js';
import { RemovalsRepository } from './removals.repository.js';
import { RemovedVersionsRepository } from './removed-versions.repository.js';
import { StagedVersionsRepository } from './staged-versions.repository.js';
import { SuccessionRepository } from './succession.repository.js';
import { UploadsService } from './uploads.service.js';

@Module({
  imports: [AuditModule, CollectionsModule, StorageModule],
  // Its routes come before `:id`.
  controllers: [
    DocumentEventsController,
    ExportController,
    DocumentsController,
    CollectionRemovalController,
    RemovalsController,
  ],
  providers: [
    DocumentsService,
    DocumentsRepository,
    DocumentListRepository,
    DocumentsDataRepository,
    DocumentRestoreService,
    ExportRepository,
    ExportService,
    DocumentEventsService,
    EventPlaces,
    DocumentChanges,
    DocumentChangesRepository,
    DocumentEditsRepository,
    DocumentEditsService,
    DocumentVersionsRepository,
    AcceptedFilesRepository,
    DocumentAcceptance,
    DocumentIntakeService,
    IncomingFiles,
    MissingFiles,
    DocumentPartsRepository,
    DocumentPartsService,
    DocumentPublishingService,
    DocumentRemovalService,
    DocumentSuccessionService,
    SuccessionRepository,
    QuotasRepository,
    QuotasService,
    ReadingRepository,
    ReadingService,
    RemovalsRepository,
    RemovedVersionsRepository,
    StagedVersionsRepository,
    UploadsService,
  ],
  exports: [
    DocumentRestoreService,
    DocumentsService,
    DocumentEditsService,
    DocumentPublishingService,
    DocumentRemovalService,
    DocumentSuccessionService,
    ReadingService,
  ],
})
export class DocumentsModule {}
