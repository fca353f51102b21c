import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import { DOCUMENT_ERRORS } from '../../common/errors/error-table.js';
import { NIL_UUID } from '../../common/nil-uuid.js';
import { Together } from '../../common/resilience/together.js';
import type { Transaction } from '../../database/transaction.types.js';
import { Transactions } from '../../database/transactions.js';
import { JobQueue } from '../../jobs/job-queue.service.js';
import { INGEST_JOB, REMOVE_JOB } from '../document-jobs.types.js';
import { DocumentVersionsRepository } from './document-versions.repository.js';
import type { PendingVersion } from '../documents.types.js';
import { QuotasService } from '../quotas.service.js';
import { ReadingRepository } from './reading.repository.js';

const SWEEP_BATCH = 500;

/** The line of files that wait to be read: each has a job of its own, with the id of its version. */
@Injectable()
export class ReadingService {
  /** Files that are taken up at the same moment share a statement. */
  private readonly beginnings = new Together<string, PendingVersion | undefined>(async (versionIds) => {
    const begun = await this.repository.begin(versionIds);
    const byVersion = new Map(begun.map((pending) => [pending.version_id, pending]));
    return versionIds.map((id) => byVersion.get(id));
  });

  constructor(
    private readonly repository: ReadingRepository,
    private readonly versions: DocumentVersionsRepository,
    private readonly quotas: QuotasService,
    private readonly transactions: Transactions,
    private readonly jobs: JobQueue,
  ) {}

  /** Lines files up behind those of the same user, as part of the transaction that accepts them. */
  lineUp(tx: Transaction, userId: string, versionIds: readonly string[]): Promise<void> {
    const jobs = versionIds.map((id) => ({ id, data: { version_id: id } }));
    return this.jobs.enqueueInTurn(tx, INGEST_JOB, userId, jobs);
  }

  /** Ends the reading of versions that nobody will ever see; call it after the commit that decided so. */
  stop(versionIds: readonly string[]): Promise<void> {
    return this.jobs.giveUp(INGEST_JOB, versionIds);
  }

  /** Has what a newer file has overtaken removed soon: nobody will ever read it. */
  removeOvertaken(tx: Transaction): Promise<void> {
    return this.jobs.enqueue(tx, REMOVE_JOB, {});
  }

  /** Call it after the commit. */
  wake(): void {
    this.jobs.wake(INGEST_JOB);
  }

  /**
   * Puts a failed document back in the line of whom it counts for, whoever asks.
   * @throws AppError `conflict` where it is not failed, `too_many_requests` where the line is full
   */
  async retry(documentId: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      const again = await this.versions.requeue(tx, documentId, null);
      if (!again) throw new AppError('conflict', 'Only a failed document can be read again.');
      const { versionId, ownerId } = again;
      // Somebody whose account is gone has no line: theirs is that of the document.
      await this.lineUp(tx, ownerId ?? documentId, [versionId]);
      if (ownerId) await this.quotas.enforceLine(tx, ownerId);
    });
    this.wake();
  }

  /** Ends the reading of a document; what it held before keeps answering. @throws AppError `conflict` */
  async cancel(documentId: string): Promise<void> {
    const versionId = await this.repository.cancel(
      documentId,
      'document_cancelled',
      DOCUMENT_ERRORS.document_cancelled,
    );
    if (versionId === undefined)
      throw new AppError('conflict', 'Only a document that waits or is being read can be cancelled.');
    await this.jobs.cancel(INGEST_JOB, [versionId]);
  }

  /** For whoever handles jobs. @throws AppError `conflict` where the document is not failed */
  async retryVersion(versionId: string): Promise<void> {
    const found = await this.repository.ownerOf(versionId);
    if (!found) throw new AppError('conflict', 'The document was replaced or deleted meanwhile.');
    await this.retry(found.document_id);
  }

  /** For whoever handles jobs; false where the document neither waits nor is being read. */
  async cancelVersion(versionId: string): Promise<boolean> {
    const found = await this.repository.ownerOf(versionId);
    if (!found || !['queued', 'extracting'].includes(found.status)) return false;
    await this.cancel(found.document_id);
    return true;
  }

  /** Begins a run; undefined where there is nothing (any more) to read. */
  begin(versionId: string): Promise<PendingVersion | undefined> {
    return this.beginnings.run(versionId);
  }

  /** Writes down how many pages of how many were read. */
  notePages(pending: PendingVersion, pages: { done: number; total: number }): Promise<void> {
    return this.repository.notePages(pending, pages);
  }

  giveBack(pending: PendingVersion): Promise<void> {
    return this.repository.giveBack(pending);
  }

  noteFailure(pending: PendingVersion): Promise<number> {
    return this.repository.noteFailure(pending.version_id);
  }

  fail(pending: PendingVersion, code: string, detail: string): Promise<void> {
    return this.repository.fail(pending.version_id, code, detail);
  }

  /**
   * Lines up again what has no job: it was lost with a database that was restored, or retired by the queue.
   * @returns how many there were
   */
  async repair(
    statuses: readonly ('queued' | 'extracting')[],
    staleSeconds: number,
    signal?: AbortSignal,
  ): Promise<number> {
    let repaired = 0;
    for (let after = NIL_UUID; ;) {
      signal?.throwIfAborted();
      const batch = await this.repository.stale(statuses, staleSeconds, after, SWEEP_BATCH);
      const missing = new Set(
        await this.jobs.missing(
          INGEST_JOB,
          batch.map((each) => each.version_id),
        ),
      );
      for (const { version_id, owner_id } of batch.filter((each) => missing.has(each.version_id)))
        // Somebody whose account is gone has no line: theirs is that of the document.
        await this.transactions.run((tx) => this.lineUp(tx, owner_id ?? version_id, [version_id]));
      repaired += missing.size;
      if (batch.length < SWEEP_BATCH) break;
      after = batch.at(-1)?.document_id ?? after;
    }
    if (repaired > 0) this.wake();
    return repaired;
  }

  /** Ends the wait of documents whose vectors nobody will make. */
  settleUnlined(): Promise<number> {
    return this.repository.settleUnlined();
  }
}
