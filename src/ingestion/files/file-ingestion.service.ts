import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import { DOCUMENT_ERRORS, type DocumentErrorCode } from '../../common/errors/error-table.js';
import { toAppError } from '../../common/http/to-app-error.js';
import { Settings } from '../../config/settings.js';
import { PartsRefused } from '../../documents/publishing/document-parts.service.js';
import { INGEST_JOB } from '../../documents/document-jobs.types.js';
import {
  RetitledMeanwhile,
  type PendingVersion,
  type VersionDraft,
} from '../../documents/documents.types.js';
import { ReadingService } from '../../documents/versions/reading.service.js';
import { JobQueue } from '../../jobs/job-queue.service.js';
import { JobDead, type JobContext } from '../../jobs/jobs.types.js';
import { StorageService } from '../../storage/storage.service.js';
import { FileUnreadable } from '../../storage/storage.types.js';
import { MOST_EXTENSIONS } from '../extract/extract-process.js';
import { FilePublisher } from './file-publisher.service.js';
import { FileReader, type ReadFile, type ReadText } from './file-reader.service.js';
import { PageProgress } from './page-progress.js';

interface IngestJob {
  version_id: string;
}

/** Errors that nobody expected before a file is given up. */
const MAX_FAILURES = 5;
/** The same where the store refuses the file: some eight minutes, for its rights may be about to change. */
const MAX_REFUSALS = 20;
/** Times that a process may be lost while it reads one and the same file. */
const MAX_UNFINISHED = 25;
const ALWAYS = 1_000_000;
/**
 * Files that are claimed together. Small ones cost the database more than the reader: together they are claimed, published
 * and settled in one statement each. But whoever comes now waits for all that are claimed.
 */
const BATCH = 4;
const DAY_SECONDS = 86_400;

/** Turns an accepted file into a published version, as a job that may run again after a crash. */
@Injectable()
export class FileIngestionService implements OnModuleDestroy {
  private readonly logger = new Logger('Ingestion');
  private stopping = false;

  constructor(
    private readonly reading: ReadingService,
    private readonly reader: FileReader,
    private readonly publisher: FilePublisher,
    private readonly storage: StorageService,
    settings: Settings,
    jobs: JobQueue,
  ) {
    jobs.define<IngestJob>({
      name: INGEST_JOB,
      // What ends a file is counted here: a store or database that is down does not use up its chances.
      retries: ALWAYS,
      maxRetrySeconds: 30,
      expireSeconds: longestRun(settings),
      // While one batch is being read, another one is published.
      concurrency: settings.extractProcesses + 1,
      batch: BATCH,
      run: (data, context) => this.run(data.version_id, context),
    });
  }

  onModuleDestroy(): void {
    this.stopping = true;
  }

  private async run(versionId: string, context: JobContext): Promise<void> {
    const pending = await this.reading.begin(versionId);
    if (!pending) return;
    try {
      if (pending.unfinished >= MAX_UNFINISHED) await this.fail(pending, 'document_failed');
      await this.ingest(pending, context);
    } catch (error) {
      if (error instanceof JobDead) throw error;
      // What a server that stops breaks off says nothing about the file, nor does a title that came meanwhile.
      if (!this.stopping && !(error instanceof RetitledMeanwhile)) {
        this.logger.warn({ err: error, document_id: pending.document_id }, 'reading a document failed');
        if (!context.signal.aborted && !(await this.isOutage(error))) await this.blame(pending, error);
      }
      await this.reading.giveBack(pending);
      throw error;
    }
  }

  /** Counts it against the file, and gives the file up in the end. */
  private async blame(pending: PendingVersion, error: unknown): Promise<void> {
    const failures = await this.reading.noteFailure(pending);
    if (!(error instanceof FileUnreadable)) {
      if (failures >= MAX_FAILURES) await this.fail(pending, 'document_failed');
    } else if (failures >= MAX_REFUSALS) await this.fail(pending, 'document_file_unreadable');
  }

  /** A part that is down says nothing about the file. One file that is refused does, where the store is well. */
  private async isOutage(error: unknown): Promise<boolean> {
    if (error instanceof FileUnreadable)
      return this.storage.ping().then(
        () => false,
        () => true,
      );
    return [503, 507].includes(toAppError(error).status);
  }

  private async ingest(pending: PendingVersion, context: JobContext): Promise<void> {
    const read = await this.publisher.whileReading(() => this.read(pending, context.signal));
    if (!read.ok) return this.fail(pending, read.failure.code, read.failure.detail);
    try {
      await this.publish(pending, read, context);
    } finally {
      read.release();
    }
  }

  private async read(pending: PendingVersion, signal: AbortSignal): Promise<ReadFile> {
    const progress = new PageProgress((pages) => this.reading.notePages(pending, pages));
    try {
      return await this.reader.read(pending, (pages) => progress.note(pages), signal);
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found')
        return await this.fail(pending, 'document_file_missing');
      throw error;
    } finally {
      await progress.end();
    }
  }

  private async publish(pending: PendingVersion, read: ReadText, context: JobContext): Promise<void> {
    if (read.chunks.length === 0) return this.fail(pending, 'document_no_text');
    const draft: VersionDraft & { mime: string } = {
      versionId: pending.version_id,
      text: read.text,
      title: pending.title ?? read.title ?? pending.file_name,
      language: read.language ?? null,
      pages: read.pages,
      pageStarts: read.pageStarts,
      mime: read.mime,
      passages: read.chunks.map((chunk) => ({ ...chunk, id: randomUUID() })),
    };
    context.signal.throwIfAborted();
    try {
      await this.publisher.publish({ pending, draft }, read.parts);
    } catch (error) {
      if (error instanceof PartsRefused) return await this.fail(pending, error.code, error.detail);
      throw error;
    }
  }

  /** Writes down why, for the owner of the document and for whoever looks at the job. */
  private async fail(
    pending: PendingVersion,
    code: DocumentErrorCode,
    detail: string = DOCUMENT_ERRORS[code],
  ): Promise<never> {
    await this.reading.fail(pending, code, detail);
    throw new JobDead(`${code}: ${detail}`);
  }
}

/**
 * Seconds that a job may take from the moment when it is claimed: all that are claimed are read before it, each as long
 * as it may, and its own text has to be stored as well. A process that was lost is found by its silence much sooner.
 */
const longestRun = ({ extractTimeout }: Settings): number =>
  Math.min(DAY_SECONDS, (2 * BATCH + 1) * MOST_EXTENSIONS * extractTimeout);
