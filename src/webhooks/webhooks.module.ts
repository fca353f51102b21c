import { Module } from '@nestjs/common';
import { DocumentsModule } from '../documents/documents.module.js';
import { DeliveriesRepository } from './deliveries.repository.js';
import { DeliveryWorker } from './delivery-worker.service.js';
import { HostLookup } from './host-lookup.js';
import { WebhookSender } from './webhook-sender.service.js';
import { WebhookDataRepository } from './webhook-data.repository.js';
import { WebhooksController } from './webhooks.controller.js';
import { WebhooksRepository } from './webhooks.repository.js';
import { WebhooksService } from './webhooks.service.js';

@Module({
  imports: [DocumentsModule],
  controllers: [WebhooksController],
  providers: [
    WebhooksService,
    WebhooksRepository,
    WebhookDataRepository,
    DeliveriesRepository,
    DeliveryWorker,
    WebhookSender,
    HostLookup,
  ],
})
export class WebhooksModule {}
