import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { EmbeddingsModule } from '../embeddings/embeddings.module.js';
import { HealthModule } from '../health/health.module.js';
import { IngestionModule } from '../ingestion/ingestion.module.js';
import { UsersModule } from '../users/users.module.js';
import { VectorModule } from '../vector/vector.module.js';
import { AdminController } from './admin.controller.js';
import { AdminService } from './admin.service.js';
import { AuditController } from './audit.controller.js';
import { AuditLog } from './audit-log.service.js';
import { IndexFigures } from './index-figures.service.js';
import { UserAdministrationModule } from './users/user-administration.module.js';

@Module({
  imports: [
    AuditModule,
    DocumentsModule,
    EmbeddingsModule,
    HealthModule,
    IngestionModule,
    UserAdministrationModule,
    UsersModule,
    VectorModule,
  ],
  controllers: [AdminController, AuditController],
  providers: [AdminService, AuditLog, IndexFigures],
})
export class AdminModule {}
