import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Outages, type Part } from '../common/errors/outages.js';
import { HealthService } from './health.service.js';

const LOOK_MS = 1000;
const NAMES: Record<Part, string> = {
  database: 'the database',
  vector_store: 'the vector store',
  files: 'the file store',
};

/** Says once that a part is down and once that it is back, in place of all that fails meanwhile. */
@Injectable()
export class OutageWatch implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Outages');
  private readonly closing = new AbortController();

  constructor(
    private readonly health: HealthService,
    private readonly outages: Outages,
  ) {}

  onApplicationBootstrap(): void {
    this.outages.watchWith((part) => void this.follow(part).catch(() => this.outages.ended(part)));
  }

  onModuleDestroy(): void {
    this.closing.abort();
    this.outages.close();
  }

  private async follow(part: Part): Promise<void> {
    const startedAt = performance.now();
    const { signal } = this.closing;
    const { status, detail } = await this.health.part(part);
    if (signal.aborted || status === 'up') return this.outages.ended(part);
    this.outages.began(part);
    this.logger.warn(`${NAMES[part]} does not answer (${detail}); this is said again only when it does`);
    do await sleep(LOOK_MS, undefined, { signal, ref: false });
    while ((await this.health.part(part)).status !== 'up');
    if (signal.aborted) return;
    this.outages.ended(part);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    this.logger.warn(`${NAMES[part]} answers again after ${seconds} s`);
  }
}
