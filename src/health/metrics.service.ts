import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { BriefCache } from '../common/resilience/brief-cache.js';
import { DocumentsService } from '../documents/documents.service.js';
import { EmbeddingBacklog } from '../ingestion/embedding/embedding-backlog.service.js';

const RESOLUTION_MS = 5;
const QUANTILES = [50, 99];
/** How long the counts of documents hold: each looks at all of them. */
const HOLDS_MS = 10_000;

/** Prometheus metrics of this process and of the content. */
@Injectable()
export class MetricsService implements OnModuleDestroy {
  private readonly registry = new Registry();
  private readonly delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor(documents: DocumentsService, backlog: EmbeddingBacklog) {
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
      name: 'ai_backend_documents',
      help: 'Documents by state.',
      labelNames: ['state'],
      registers: [this.registry],
      async collect() {
        const states = await known.get('', () => documents.states());
        for (const [state, count] of Object.entries(states)) this.set({ state }, count);
      },
    });
    new Gauge({
      name: 'ai_backend_embedding_backlog',
      help: 'Document versions that wait for vectors.',
      registers: [this.registry],
      async collect() {
        this.set(await backlog.pending());
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
