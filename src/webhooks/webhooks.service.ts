import { Injectable } from '@nestjs/common';
import { AppError, notFound } from '../common/errors/app-error.js';
import { decodeTimeCursor, DEFAULT_PAGE, toPage, type Page } from '../common/http/page.js';
import { newId } from '../common/new-id.js';
import { DataEncryption } from '../config/data-encryption.service.js';
import { Settings } from '../config/settings.js';
import { DocumentsService } from '../documents/documents.service.js';
import { DeliveriesRepository } from './deliveries.repository.js';
import { EndpointChanges, type Owner } from './endpoint-changes.service.js';
import { newSecret, SECRETS_OF_WEBHOOKS } from './signature.js';
import { refusalOf } from './target.js';
import { WebhooksRepository } from './webhooks.repository.js';
import {
  PING,
  type DeliveryRow,
  type EndpointChange,
  type EndpointRow,
  type WebhookEvent,
} from './webhooks.types.js';

const MOST_ENDPOINTS = 20;
const OVERLAP_SECONDS = 86_400;

interface PageRequest {
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** Where users want to be told about their documents. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly endpoints: WebhooksRepository,
    private readonly changes: EndpointChanges,
    private readonly deliveries: DeliveriesRepository,
    private readonly documents: DocumentsService,
    private readonly encryption: DataEncryption,
    private readonly settings: Settings,
  ) {}

  /** @returns the secret beside the endpoint; it is shown this once */
  async create(
    by: Owner,
    wanted: {
      url: string;
      events: readonly WebhookEvent[];
      description: string | null;
      collectionId: string | undefined;
    },
  ): Promise<{ endpoint: EndpointRow; secret: string }> {
    this.requireTarget(wanted.url);
    if (wanted.collectionId !== undefined)
      await this.documents.page({ id: by.id, roles: [] }, { collection_id: wanted.collectionId, limit: 1 });
    const id = newId();
    const secret = newSecret();
    const endpoint = await this.changes.create(
      by,
      {
        ...wanted,
        id,
        ownerId: by.id,
        collectionId: wanted.collectionId ?? null,
        secret: this.seal(secret, id),
      },
      { limit: MOST_ENDPOINTS, overlapSeconds: OVERLAP_SECONDS },
    );
    if (!endpoint)
      throw new AppError(
        'conflict',
        `You have ${MOST_ENDPOINTS} webhooks, which is as many as there may be.`,
      );
    return { endpoint, secret };
  }

  async get(ownerId: string, id: string): Promise<EndpointRow> {
    return found(await this.endpoints.find(ownerId, id));
  }

  async page(ownerId: string, query: PageRequest): Promise<Page<EndpointRow>> {
    const limit = query.limit ?? DEFAULT_PAGE;
    return asPage(await this.endpoints.page(ownerId, decodeTimeCursor(query.cursor), limit + 1), limit);
  }

  async update(by: Owner, id: string, change: EndpointChange): Promise<EndpointRow> {
    if (change.url !== undefined) this.requireTarget(change.url);
    return found(await this.changes.update(by, id, change));
  }

  async rotate(by: Owner, id: string): Promise<{ endpoint: EndpointRow; secret: string }> {
    const secret = newSecret();
    const endpoint = found(await this.changes.rotate(by, id, this.seal(secret, id), OVERLAP_SECONDS));
    return { endpoint, secret };
  }

  async remove(by: Owner, id: string): Promise<void> {
    found(await this.changes.remove(by, id));
  }

  async ping(ownerId: string, id: string): Promise<DeliveryRow> {
    await this.get(ownerId, id);
    return this.deliveries.insert(id, PING);
  }

  async log(ownerId: string, id: string, query: PageRequest): Promise<Page<DeliveryRow>> {
    await this.get(ownerId, id);
    const limit = query.limit ?? DEFAULT_PAGE;
    return asPage(await this.deliveries.page(id, decodeTimeCursor(query.cursor), limit + 1), limit);
  }

  /** @throws AppError `not_found`, also for a delivery that still waits */
  async retry(ownerId: string, id: string, deliveryId: string): Promise<DeliveryRow> {
    await this.get(ownerId, id);
    const row = await this.deliveries.retry(id, deliveryId);
    if (!row) throw notFound('finished delivery');
    return row;
  }

  private seal(secret: string, endpointId: string): Buffer {
    return this.encryption.boxFor(SECRETS_OF_WEBHOOKS).seal(secret, endpointId);
  }

  private requireTarget(url: string): void {
    const detail = refusalOf(url, this.settings.webhookAllowPrivate);
    if (detail !== undefined)
      throw new AppError('validation_failed', `url ${detail}.`, {
        errors: [{ field: 'url', code: 'webhook_target', detail }],
      });
  }
}

function found(row: EndpointRow | undefined): EndpointRow {
  if (!row) throw notFound('webhook');
  return row;
}

const asPage = <R extends { created_at: Date; id: string }>(rows: readonly R[], limit: number): Page<R> =>
  toPage(
    rows,
    limit,
    (row) => [row.created_at.toISOString(), row.id],
    (row) => row,
  );
