import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { CollectionsModule } from '../collections/collections.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { EmbeddingsModule } from '../embeddings/embeddings.module.js';
import { LexicalModule } from '../lexical/lexical.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { VectorModule } from '../vector/vector.module.js';
import { ChunkingService } from './chunk/chunking.service.js';
import { DocumentCleanup } from './document-cleanup.service.js';
import { DocumentEditingController } from './texts/document-editing.controller.js';
import { DocumentEditing } from './texts/document-editing.service.js';
import { EmbeddingBacklogRepository } from './embedding/embedding-backlog.repository.js';
import { EmbeddingBacklog } from './embedding/embedding-backlog.service.js';
import { EmbeddingTroubles } from './embedding/embedding-troubles.service.js';
import { EmbeddingTurn } from './embedding/embedding-turn.service.js';
import { Extractor } from './extract/extractor.service.js';
import { FileIngestionService } from './files/file-ingestion.service.js';
import { FilePublisher } from './files/file-publisher.service.js';
import { FileReader } from './files/file-reader.service.js';
import { IndexBuildRepository } from './index-build/index-build.repository.js';
import { IndexBuilder } from './index-build/index-builder.service.js';
import { IngestionSweep } from './ingestion-sweep.service.js';
import { InnerFiles } from './files/inner-files.service.js';
import { PassageIndexing } from './passage-indexing.service.js';
import { IndexRebuilds } from './rebuild/index-rebuilds.service.js';
import { RebuildRepository } from './rebuild/rebuild.repository.js';
import { RebuildRunner } from './rebuild/rebuild-runner.service.js';
import { RebuildSteps } from './rebuild/rebuild-steps.service.js';
import { FileCheck } from './reconcile/file-check.service.js';
import { ReconcileRepository } from './reconcile/reconcile.repository.js';
import { Reconciler } from './reconcile/reconcile.service.js';
import { VectorCheck } from './reconcile/vector-check.service.js';
import { SuccessorVectorsRepository } from './embedding/successor-vectors.repository.js';
import { Successors } from './embedding/successors.service.js';
import { TextIngestionService } from './texts/text-ingestion.service.js';
import { ImportController } from './transfer/import.controller.js';
import { ImportService } from './transfer/import.service.js';
import { TextController } from './texts/text.controller.js';

@Module({
  imports: [
    AuditModule,
    CollectionsModule,
    DocumentsModule,
    StorageModule,
    EmbeddingsModule,
    LexicalModule,
    VectorModule,
  ],
  controllers: [TextController, DocumentEditingController, ImportController],
  providers: [
    ChunkingService,
    DocumentCleanup,
    DocumentEditing,
    EmbeddingBacklog,
    EmbeddingBacklogRepository,
    EmbeddingTroubles,
    EmbeddingTurn,
    Extractor,
    FileIngestionService,
    FilePublisher,
    FileReader,
    ImportService,
    IndexBuilder,
    IndexBuildRepository,
    IngestionSweep,
    InnerFiles,
    FileCheck,
    IndexRebuilds,
    PassageIndexing,
    RebuildRepository,
    RebuildRunner,
    RebuildSteps,
    ReconcileRepository,
    Reconciler,
    VectorCheck,
    Successors,
    SuccessorVectorsRepository,
    TextIngestionService,
  ],
  exports: [Reconciler, EmbeddingBacklog, IndexBuilder, IndexRebuilds],
})
export class IngestionModule {}
