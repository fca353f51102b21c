import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { JobQueue } from '../../jobs/job-queue.service.js';
import { DocumentChangesRepository } from './document-changes.repository.js';
import type { ChangePosition, DocumentChange } from './document-events.types.js';

const POLL_MS = 500;
const BATCH = 2000;
/** How long a client may be away and still go on where it was. */
const KEPT_SECONDS = 3600;

export interface ChangeListener {
  /** Everything up to `position` has been told. */
  onChanges(changes: readonly DocumentChange[], position: ChangePosition): void;
  onShutdown(): void;
}

/** Reads what changed once for the whole process, and only while somebody listens. */
@Injectable()
export class DocumentChanges implements OnModuleDestroy {
  private readonly logger = new Logger('DocumentChanges');
  private readonly listeners = new Set<ChangeListener>();
  private position: ChangePosition | undefined;
  private timer: NodeJS.Timeout | undefined;
  private starting: Promise<ChangePosition> | undefined;
  private failing = false;
  private closed = false;

  constructor(
    private readonly repository: DocumentChangesRepository,
    jobs: JobQueue,
  ) {
    jobs.define({
      name: 'documents.forget-changes',
      retries: 0,
      expireSeconds: 60,
      single: true,
      everySeconds: 600,
      run: () => repository.forget(KEPT_SECONDS),
    });
  }

  /** Listens from now on. @returns the position that everything told later comes after */
  async listen(listener: ChangeListener): Promise<ChangePosition> {
    this.listeners.add(listener);
    if (this.closed) listener.onShutdown();
    try {
      return this.position ?? (await (this.starting ??= this.start()));
    } catch (error) {
      this.leave(listener);
      throw error;
    }
  }

  leave(listener: ChangeListener): void {
    this.listeners.delete(listener);
    if (this.listeners.size > 0) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.position = undefined;
  }

  onModuleDestroy(): void {
    this.end();
  }

  /** Tells nobody anything any more. */
  end(): void {
    this.closed = true;
    for (const listener of this.listeners) listener.onShutdown();
  }

  private async start(): Promise<ChangePosition> {
    try {
      const position = await this.repository.latest();
      if (this.listeners.size > 0) {
        this.position = position;
        this.schedule(POLL_MS);
      }
      return position;
    } finally {
      this.starting = undefined;
    }
  }

  private schedule(ms: number): void {
    if (this.closed) return;
    this.timer = setTimeout(() => void this.poll(), ms);
    this.timer.unref();
  }

  private async poll(): Promise<void> {
    const from = this.position;
    if (!from) return;
    let full = false;
    try {
      const changes = await this.repository.after(from, BATCH);
      // Everybody may have left, and others come, while this was read.
      if (this.position !== from) return;
      full = changes.length === BATCH;
      const last = changes.at(-1);
      if (last) {
        this.position = last.position;
        for (const listener of this.listeners) listener.onChanges(changes, last.position);
      }
      this.failing = false;
    } catch (error) {
      if (!this.failing && !this.closed) this.logger.warn({ err: error }, 'changes could not be read');
      this.failing = true;
    }
    if (this.position) this.schedule(full ? 0 : POLL_MS);
  }
}
