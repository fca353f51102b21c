import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { DeliveriesRepository } from './deliveries.repository.js';
import { DeliveryWorker } from './delivery-worker.service.js';
import { EndpointChanges } from './endpoint-changes.service.js';
import { HostLookup } from './host-lookup.js';
import { SecretResealing } from './secret-resealing.service.js';
import { WebhookSender } from './webhook-sender.service.js';
import { WebhookDataRepository } from './webhook-data.repository.js';
import { WebhooksController } from './webhooks.controller.js';
import { WebhooksRepository } from './webhooks.repository.js';
import { WebhooksService } from './webhooks.service.js';

@Module({
  imports: [AuditModule, DocumentsModule],
  controllers: [WebhooksController],
  providers: [
    WebhooksService,
    WebhooksRepository,
    EndpointChanges,
    WebhookDataRepository,
    DeliveriesRepository,
    DeliveryWorker,
    SecretResealing,
    WebhookSender,
    HostLookup,
  ],
})
export class WebhooksModule {}
