import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Transactions } from '../database/transactions.js';
import { JobQueue } from '../jobs/job-queue.service.js';
import { StorageService } from '../storage/storage.service.js';
import type { StoredFile } from '../storage/storage.types.js';
import { DocumentVersionsRepository } from './document-versions.repository.js';
import type { Metadata } from './documents.types.js';

/** Reads a file that was accepted; its data is `{ version_id }`. */
export const INGEST_JOB = 'documents.ingest';

export interface UploadedFile {
  name: string | null;
  mime: string;
  stored: StoredFile;
  /** Set once a document owns the bytes. */
  accepted?: boolean;
}

/** Accepts files: bytes, row and job are durable before the caller hears of it. */
@Injectable()
export class DocumentIntakeService {
  constructor(
    private readonly versions: DocumentVersionsRepository,
    private readonly storage: StorageService,
    private readonly transactions: Transactions,
    private readonly jobs: JobQueue,
  ) {}

  /** Stores the bytes of one file; they belong to nobody until `accept`. */
  store(content: Readable): Promise<StoredFile> {
    return this.storage.put(content);
  }

  discard(files: readonly { stored: StoredFile }[]): Promise<void> {
    return this.storage.delete(files.map((file) => file.stored.key));
  }

  /**
   * Makes documents of stored files, all or none.
   * @param externalId only with a single file; a file without one gets an id of its own
   * @returns document ids in the order of the files
   */
  async accept(
    userId: string,
    collectionId: string,
    files: readonly UploadedFile[],
    options: { externalId?: string | undefined; metadata: Metadata },
  ): Promise<string[]> {
    const ids = await this.transactions.run(async (tx) => {
      const accepted: string[] = [];
      for (const file of files) {
        const versionId = randomUUID();
        const id = await this.versions.addFile(tx, collectionId, userId, {
          documentId: randomUUID(),
          externalId: options.externalId ?? randomUUID(),
          versionId,
          fileName: file.name,
          mime: file.mime,
          bytes: file.stored.bytes,
          sha256: file.stored.sha256,
          fileKey: file.stored.key,
          metadata: options.metadata,
        });
        await this.jobs.enqueue(tx, INGEST_JOB, { version_id: versionId });
        accepted.push(id);
      }
      return accepted;
    });
    for (const file of files) file.accepted = true;
    this.jobs.wake(INGEST_JOB);
    return ids;
  }

  /** Puts a failed document back in the queue; false where it is not failed. */
  async retry(documentId: string): Promise<boolean> {
    const done = await this.transactions.run(async (tx) => {
      const versionId = await this.versions.requeue(tx, documentId);
      if (versionId === undefined) return false;
      await this.jobs.enqueue(tx, INGEST_JOB, { version_id: versionId });
      return true;
    });
    this.jobs.wake(INGEST_JOB);
    return done;
  }
}
