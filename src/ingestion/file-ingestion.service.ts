import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { DOCUMENT_ERRORS, type DocumentErrorCode } from '../common/errors/error-table.js';
import { Settings } from '../config/settings.js';
import { INGEST_JOB } from '../documents/document-intake.service.js';
import { DocumentPublishingService } from '../documents/document-publishing.service.js';
import type { PendingVersion, VersionDraft } from '../documents/documents.types.js';
import { EmbeddingsService } from '../embeddings/embeddings.service.js';
import { JobQueue } from '../jobs/job-queue.service.js';
import type { JobContext } from '../jobs/jobs.types.js';
import { FileReader } from './file-reader.service.js';
import { EmbeddingBacklog } from './embedding-backlog.service.js';
import { PassageIndexing } from './passage-indexing.service.js';

interface IngestJob {
  version_id: string;
}

/** Turns an accepted file into a published version, as a job that may run again after a crash. */
@Injectable()
export class FileIngestionService implements OnApplicationBootstrap {
  private readonly logger = new Logger('Ingestion');
  private readonly running = new Set<string>();

  constructor(
    private readonly publishing: DocumentPublishingService,
    private readonly reader: FileReader,
    private readonly indexing: PassageIndexing,
    private readonly backlog: EmbeddingBacklog,
    private readonly embeddings: EmbeddingsService,
    private readonly settings: Settings,
    private readonly jobs: JobQueue,
  ) {
    jobs.define<IngestJob>({
      name: INGEST_JOB,
      retries: 5,
      expireSeconds: 1800,
      concurrency: 2,
      run: (data, context) => this.run(data.version_id, context),
    });
  }

  /**
   * The embedded database has one process, so whatever is unread now lost its worker: it is lined up again at
   * once instead of when the old job's heartbeat is missed.
   */
  async onApplicationBootstrap(): Promise<void> {
    if (!this.settings.embedded) return;
    for (const version_id of await this.publishing.unread()) await this.jobs.send(INGEST_JOB, { version_id });
    this.jobs.wake(INGEST_JOB);
  }

  private async run(versionId: string, context: JobContext): Promise<void> {
    if (this.running.has(versionId)) return;
    const pending = await this.publishing.pending(versionId);
    if (!pending) return;
    this.running.add(versionId);
    try {
      await this.ingest(pending, context);
    } catch (error) {
      this.logger.warn({ err: error, document_id: pending.document_id }, 'reading a document failed');
      if (context.lastAttempt) await this.fail(pending, 'document_failed');
      else await this.publishing.setStatus(pending, 'queued');
      throw error;
    } finally {
      this.running.delete(versionId);
    }
  }

  private async ingest(pending: PendingVersion, context: JobContext): Promise<void> {
    await this.publishing.setStatus(pending, 'extracting');
    const read = await this.reader.read(pending, context.signal);
    if (!read.ok) return this.fail(pending, read.failure.code, read.failure.detail);
    if (read.chunks.length === 0) return this.fail(pending, 'document_no_text');
    const draft: VersionDraft & { mime: string } = {
      versionId: pending.version_id,
      text: read.text,
      title: pending.title ?? read.title ?? pending.file_name,
      language: read.language ?? null,
      pages: read.pages,
      mime: read.mime,
      passages: read.chunks.map((chunk) => ({ ...chunk, id: randomUUID() })),
    };
    const write = await this.indexing.prepare([
      { ...draft, documentId: pending.document_id, collectionId: pending.collection_id },
    ]);
    const status = this.embeddings.state().state === 'ready' ? 'embedding' : 'ready';
    await this.publishing.publishFile(pending, draft, status, (tx) => write.store(tx));
    this.backlog.wake();
  }

  private fail(
    pending: PendingVersion,
    code: DocumentErrorCode,
    detail: string = DOCUMENT_ERRORS[code],
  ): Promise<void> {
    return this.publishing.fail(pending.version_id, code, detail);
  }
}
