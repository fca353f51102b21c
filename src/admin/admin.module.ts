import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { EmbeddingsModule } from '../embeddings/embeddings.module.js';
import { EvaluationModule } from '../evaluation/evaluation.module.js';
import { EncodersModule } from '../encoders/encoders.module.js';
import { HealthModule } from '../health/health.module.js';
import { IngestionModule } from '../ingestion/ingestion.module.js';
import { UsersModule } from '../users/users.module.js';
import { VectorModule } from '../vector/vector.module.js';
import { AdminController } from './admin.controller.js';
import { AdminService } from './admin.service.js';
import { AuditController } from './audit.controller.js';
import { AuditLog } from './audit-log.service.js';
import { EncoderController } from './encoder.controller.js';
import { IndexAdmin } from './index-admin.service.js';
import { IndexController } from './index.controller.js';
import { IndexFigures } from './index-figures.service.js';
import { UserAdministrationModule } from './users/user-administration.module.js';
import { JobAdmin } from './job-admin.service.js';
import { JobsController } from './jobs.controller.js';

@Module({
  imports: [
    AuditModule,
    DocumentsModule,
    EmbeddingsModule,
    EvaluationModule,
    EncodersModule,
    HealthModule,
    IngestionModule,
    UserAdministrationModule,
    UsersModule,
    VectorModule,
  ],
  controllers: [AdminController, AuditController, EncoderController, IndexController, JobsController],
  providers: [AdminService, AuditLog, IndexAdmin, IndexFigures, JobAdmin],
})
export class AdminModule {}
