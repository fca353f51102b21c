import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../database/transaction.types.js';
import { Transactions } from '../../database/transactions.js';
import { JobQueue } from '../../jobs/job-queue.service.js';
import { INGEST_JOB, REMOVE_JOB } from '../document-jobs.types.js';
import { DocumentPartsService } from './document-parts.service.js';
import { EMBED_JOB, type IndexWriter } from './document-publishing.service.js';
import { DocumentRemovalService } from '../removal/document-removal.service.js';
import type { FileToPublish, Successor } from '../documents.types.js';
import { StagedVersionsRepository } from '../versions/staged-versions.repository.js';
import { SuccessionRepository } from './succession.repository.js';

/** What is written in the transaction that switches. */
export interface SuccessionWrites {
  /** Before anything else; false ends it with nothing done. */
  mayBegin: (tx: Transaction) => Promise<boolean>;
  vectors: IndexWriter;
  words: IndexWriter;
}

/** Files that replace others: the one that is there answers until the new one has all that it will be found by. */
@Injectable()
export class DocumentSuccessionService {
  constructor(
    private readonly repository: SuccessionRepository,
    private readonly staged: StagedVersionsRepository,
    private readonly removal: DocumentRemovalService,
    private readonly parts: DocumentPartsService,
    private readonly transactions: Transactions,
    private readonly jobs: JobQueue,
  ) {}

  /**
   * Stores what was read from a file, and lines it up for the encoder; what it replaces keeps answering.
   * @returns false where it was replaced or deleted meanwhile
   */
  async hold(file: FileToPublish): Promise<boolean> {
    await this.staged.stageFiles([file]);
    return this.transactions.run(async (tx) => {
      if (!(await this.repository.hold(tx, file))) return false;
      await this.jobs.enqueue(tx, EMBED_JOB, {});
      return true;
    });
  }

  /**
   * Switches to a version in one step: from the commit on it is found and the one before it is not.
   * @returns `gone` where it was overtaken or deleted, `refused` where `mayBegin` said so; nothing was done then
   */
  async succeed(versionId: string, write: SuccessionWrites): Promise<'shown' | 'gone' | 'refused'> {
    const done = await this.transactions.run(async (tx) => {
      if (!(await write.mayBegin(tx))) return 'refused';
      const shown = await this.repository.succeed(tx, versionId);
      if (!shown) return (await this.repository.shown([versionId], tx)).length > 0 ? 'shown' : 'gone';
      const hidden = await this.parts.drop(tx, [shown.documentId]);
      await write.vectors(tx);
      await this.removal.retire(tx, [
        ...(shown.replacedVersionId ? [shown.replacedVersionId] : []),
        ...hidden.shown,
      ]);
      await write.words(tx);
      return hidden;
    });
    if (typeof done === 'string') return done;
    this.jobs.wake(REMOVE_JOB);
    await this.jobs.giveUp(INGEST_JOB, done.unread);
    return 'shown';
  }

  /** Those of these versions that wait to take another's place. */
  among(versionIds: readonly string[]): Promise<string[]> {
    return this.repository.among(versionIds);
  }

  /** Those of these versions that answer. */
  shown(versionIds: readonly string[]): Promise<string[]> {
    return this.repository.shown(versionIds);
  }

  /** All that wait, some at a time, in order of their ids. */
  next(after: string | undefined, limit: number): Promise<string[]> {
    return this.repository.next(after, limit);
  }

  /** Undefined where it does not wait (any more). */
  find(versionId: string): Promise<Successor | undefined> {
    return this.repository.find(versionId);
  }

  /** Has vectors made of those that nobody makes any of. @returns how many */
  lineUp(): Promise<number> {
    return this.repository.lineUp();
  }
}
