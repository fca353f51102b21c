import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { BriefCache } from '../common/resilience/brief-cache.js';
import { DocumentsService } from '../documents/documents.service.js';
import { EmbeddingBacklog } from '../ingestion/embedding/embedding-backlog.service.js';
import { HealthService } from './health.service.js';

const RESOLUTION_MS = 5;
const QUANTILES = [50, 99];
/** A scrape does not wait longer for a count: what the process knows of itself is worth most while a part is away. */
const PATIENCE_MS = 2000;
/** How long the counts of documents hold: each looks at all of them. */
const HOLDS_MS = 10_000;

/** Prometheus metrics of this process and of the content. */
@Injectable()
export class MetricsService implements OnModuleDestroy {
  private readonly registry = new Registry();
  private readonly delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor(documents: DocumentsService, backlog: EmbeddingBacklog, health: HealthService) {
    collectDefaultMetrics({ register: this.registry, prefix: 'ai_backend_' });
    this.delay.enable();
    const delay = this.delay;
    const known = new BriefCache<Record<string, number>>(HOLDS_MS);
    new Gauge({
      name: 'ai_backend_event_loop_delay_seconds',
      help: 'Delay of the event loop since the last scrape.',
      labelNames: ['quantile'],
      registers: [this.registry],
      collect() {
        // The timer that measures is itself late by its resolution.
        for (const q of QUANTILES)
          this.set(
            { quantile: String(q / 100) },
            Math.max(0, delay.percentile(q) / 1e9 - RESOLUTION_MS / 1e3),
          );
        delay.reset();
      },
    });
    new Gauge({
      name: 'ai_backend_part_up',
      help: 'Whether a part serves in full.',
      labelNames: ['part'],
      registers: [this.registry],
      async collect() {
        for (const [part, { status }] of Object.entries(await health.parts()))
          this.set({ part }, status === 'up' ? 1 : 0);
      },
    });
    new Gauge({
      name: 'ai_backend_documents',
      help: 'Documents by state; none while the database does not answer.',
      labelNames: ['state'],
      registers: [this.registry],
      async collect() {
        const states = await orNothing(known.get('', () => documents.states()));
        this.reset();
        for (const [state, count] of Object.entries(states ?? {})) this.set({ state }, count);
      },
    });
    new Gauge({
      name: 'ai_backend_embedding_backlog',
      help: 'Document versions that wait for vectors; none while the database does not answer.',
      registers: [this.registry],
      async collect() {
        const pending = await orNothing(backlog.pending());
        this.reset();
        if (pending === undefined) this.remove();
        else this.set(pending);
      },
    });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  print(): Promise<string> {
    return this.registry.metrics();
  }

  onModuleDestroy(): void {
    this.delay.disable();
    this.registry.clear();
  }
}

/** Undefined where it fails or is late. */
async function orNothing<T>(count: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
  });
  try {
    return await Promise.race([count.catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}
