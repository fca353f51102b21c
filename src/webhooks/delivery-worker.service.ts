import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { SecretBox } from '../common/security/secret-box.js';
import { AppError } from '../common/errors/app-error.js';
import { DataEncryption } from '../config/data-encryption.service.js';
import { Settings } from '../config/settings.js';
import { DocumentsService } from '../documents/documents.service.js';
import { JobQueue } from '../jobs/job-queue.service.js';
import { DeliveriesRepository } from './deliveries.repository.js';
import { SECRETS_OF_WEBHOOKS, signatures } from './signature.js';
import { WebhookSender, type Attempt } from './webhook-sender.service.js';
import { WebhooksRepository } from './webhooks.repository.js';
import { PING, type ClaimedDelivery } from './webhooks.types.js';

const POLL_MS = 1000;
const AT_ONCE = 20;
/** A receiver that never answers takes its time from its owner's messages, not from those of others. */
const MOST_OF_AN_OWNER = 3;
/** What a stop waits for receivers. */
const STOP_MS = 2_000;
/** Longer than an attempt can take. */
const LEASE_SECONDS = 60;
/** Seconds before the second attempt and each after it: about a day in all. */
const PAUSES = [10, 60, 300, 1800, 7200, 21_600, 43_200];
const KEPT_DAYS = 30;
const GONE = 410;
const UNREADABLE = 'its secret cannot be read; rotate it';

/** Sends what is due, in every process that works. The table is the queue: a delivery is never lost, may come twice. */
@Injectable()
export class DeliveryWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Webhooks');
  private readonly box: SecretBox;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private readonly sending = new Map<Promise<void>, string>();
  private readonly stopping = new AbortController();
  private closed = false;

  constructor(
    private readonly deliveries: DeliveriesRepository,
    private readonly endpoints: WebhooksRepository,
    private readonly documents: DocumentsService,
    private readonly sender: WebhookSender,
    private readonly settings: Settings,
    encryption: DataEncryption,
    jobs: JobQueue,
  ) {
    this.box = encryption.boxFor(SECRETS_OF_WEBHOOKS);
    jobs.define({
      name: 'webhooks.forget',
      retries: 0,
      expireSeconds: 300,
      single: true,
      everySeconds: 86_400,
      run: () => this.deliveries.forget(KEPT_DAYS),
    });
  }

  onApplicationBootstrap(): void {
    if (this.settings.processRole !== 'api') this.schedule(POLL_MS);
  }

  async onModuleDestroy(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.looking;
    const late = setTimeout(() => this.stopping.abort(), STOP_MS);
    await Promise.all(this.sending.keys());
    clearTimeout(late);
  }

  private schedule(ms: number): void {
    if (this.closed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.looking ??= this.look().finally(() => {
        this.looking = undefined;
        this.schedule(POLL_MS);
      });
    }, ms);
    this.timer.unref();
  }

  /** Fills the free places; more is looked for each second, and as soon as a place that was needed is free. */
  private async look(): Promise<void> {
    const free = AT_ONCE - this.sending.size;
    if (free === 0) return;
    try {
      const taken = await this.deliveries.claim(free, {
        leaseSeconds: LEASE_SECONDS,
        mostOfAnOwner: MOST_OF_AN_OWNER,
        busy: this.busy(),
      });
      for (const delivery of taken) this.start(delivery);
    } catch (error) {
      this.note(error);
    }
  }

  /** Messages on their way, by owner. */
  private busy(): Map<string, number> {
    const busy = new Map<string, number>();
    for (const owner of this.sending.values()) busy.set(owner, (busy.get(owner) ?? 0) + 1);
    return busy;
  }

  private start(delivery: ClaimedDelivery): void {
    const sent = this.deliver(delivery)
      .catch((error: unknown) => this.note(error))
      .finally(() => {
        this.sending.delete(sent);
        this.schedule(0);
      });
    this.sending.set(sent, delivery.owner_id);
  }

  private note(error: unknown): void {
    if (!this.closed)
      this.logger.warn({ err: error }, 'webhooks could not be delivered; they are tried again');
  }

  private async deliver(delivery: ClaimedDelivery): Promise<void> {
    const secrets = [delivery.secret, delivery.previous_secret].flatMap((sealed) =>
      sealed === null ? [] : (this.box.open(sealed, delivery.endpoint_id) ?? []),
    );
    // Another process may have the key that this one lacks, while keys are rotated.
    if (secrets.length === 0) return this.conclude(delivery, { error: UNREADABLE });
    if (!(await this.deliveries.wanted(delivery.endpoint_id)))
      return this.drop(delivery, 'the endpoint is turned off');
    const data = await this.dataOf(delivery);
    if (!data) return this.drop(delivery, 'the document is gone or may not be read');
    const body = JSON.stringify({
      id: delivery.id,
      type: delivery.event,
      timestamp: delivery.created_at.toISOString(),
      data,
    });
    const timestamp = Math.floor(Date.now() / 1000);
    const message = {
      url: delivery.url,
      body,
      headers: {
        'content-type': 'application/json',
        'user-agent': `ai-backend/${this.settings.packageVersion}`,
        'webhook-id': delivery.id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signatures(secrets, { id: delivery.id, timestamp, body }),
      },
    };
    const attempt = await this.sender.send(message, this.stopping.signal);
    // What a stop breaks off says nothing about the receiver.
    if ('error' in attempt && this.stopping.signal.aborted) return this.deliveries.giveBack(delivery.id);
    await this.conclude(delivery, attempt);
  }

  private async conclude(delivery: ClaimedDelivery, attempt: Attempt): Promise<void> {
    const status = 'status' in attempt ? attempt.status : null;
    const error = 'error' in attempt ? attempt.error : null;
    if (status !== null && status >= 200 && status < 300)
      return this.deliveries.finish(delivery.id, { state: 'delivered', status, error: null });
    if (status === GONE) await this.endpoints.disable(delivery.endpoint_id, 'the receiver answered 410 Gone');
    const pause = PAUSES[delivery.attempts - 1];
    if (pause === undefined || status === GONE)
      return this.deliveries.finish(delivery.id, { state: 'failed', status, error });
    // Receivers that were away do not get everything back at the same moment.
    await this.deliveries.postpone(delivery.id, pause * (0.9 + Math.random() * 0.2), status, error);
  }

  private drop(delivery: ClaimedDelivery, error: string): Promise<void> {
    return this.deliveries.finish(delivery.id, { state: 'dropped', status: null, error });
  }

  /** What is told: the document as the endpoint's owner may read it now. */
  private async dataOf(delivery: ClaimedDelivery): Promise<object | undefined> {
    if (delivery.event === PING) return {};
    try {
      const owner = { id: delivery.owner_id, roles: [] };
      return { document: await this.documents.shown(owner, delivery.document_id ?? '') };
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') return undefined;
      throw error;
    }
  }
}
