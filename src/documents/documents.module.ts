import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { CollectionsModule } from '../collections/collections.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { CollectionRemovalController } from './removal/collection-removal.controller.js';
import { DocumentEditsRepository } from './document-edits.repository.js';
import { DocumentEditsService } from './document-edits.service.js';
import { AcceptedFilesRepository } from './intake/accepted-files.repository.js';
import { DocumentAcceptance } from './intake/document-acceptance.service.js';
import { DocumentIntakeService } from './intake/document-intake.service.js';
import { DocumentPartsRepository } from './publishing/document-parts.repository.js';
import { DocumentPartsService } from './publishing/document-parts.service.js';
import { DocumentPublishingService } from './publishing/document-publishing.service.js';
import { DocumentRemovalService } from './removal/document-removal.service.js';
import { DocumentRestoreService } from './intake/document-restore.service.js';
import { ExportController } from './transfer/export.controller.js';
import { ExportRepository } from './transfer/export.repository.js';
import { ExportService } from './transfer/export.service.js';
import { DocumentSuccessionService } from './publishing/document-succession.service.js';
import { DocumentVersionsRepository } from './versions/document-versions.repository.js';
import { DocumentsController } from './documents.controller.js';
import { DocumentsDataRepository } from './documents-data.repository.js';
import { DocumentListRepository } from './list/document-list.repository.js';
import { DocumentsRepository } from './documents.repository.js';
import { DocumentsService } from './documents.service.js';
import { DocumentChanges } from './events/document-changes.service.js';
import { DocumentChangesRepository } from './events/document-changes.repository.js';
import { DocumentEventsController } from './events/document-events.controller.js';
import { EventPlaces } from './events/event-places.service.js';
import { DocumentEventsService } from './events/document-events.service.js';
import { MissingFiles } from './versions/missing-files.service.js';
import { QuotasRepository } from './quotas.repository.js';
import { IncomingFiles } from './intake/incoming-files.service.js';
import { QuotasService } from './quotas.service.js';
import { ReadingRepository } from './versions/reading.repository.js';
import { ReadingService } from './versions/reading.service.js';
import { RemovalsController } from './removal/removals.controller.js';
import { RemovalsRepository } from './removal/removals.repository.js';
import { RemovedVersionsRepository } from './removal/removed-versions.repository.js';
import { StagedVersionsRepository } from './versions/staged-versions.repository.js';
import { SuccessionRepository } from './publishing/succession.repository.js';
import { UploadsService } from './intake/uploads.service.js';

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
