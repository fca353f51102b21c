import { Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.types.js';
import { Transactions } from '../database/transactions.js';
import { JobQueue } from '../jobs/job-queue.service.js';
import { DocumentRemovalService, REMOVE_JOB } from './document-removal.service.js';
import { DocumentIdChanged, DocumentVersionsRepository } from './document-versions.repository.js';
import { QuotasService } from './quotas.service.js';
import { StagedVersionsRepository } from './staged-versions.repository.js';
import type { PendingVersion, PublishedDocument, TextDraft, VersionDraft } from './documents.types.js';

/** Makes vectors for what waits in the embedding backlog. */
export const EMBED_JOB = 'documents.embed';

/** Takes part in the transaction that publishes; runs last, because an index write holds a lock until the commit. */
export type IndexWriter = (tx: Transaction) => Promise<void>;

/** Switches documents to new versions: text, passages, index entries and the switch itself in one transaction. */
@Injectable()
export class DocumentPublishingService {
  constructor(
    private readonly versions: DocumentVersionsRepository,
    private readonly staged: StagedVersionsRepository,
    private readonly removal: DocumentRemovalService,
    private readonly quotas: QuotasService,
    private readonly transactions: Transactions,
    private readonly jobs: JobQueue,
  ) {}

  /** The ids of the documents with these external ids that exist now. */
  idsOf(collectionId: string, externalIds: readonly string[]): Promise<Map<string, string>> {
    return this.versions.idsOf(collectionId, externalIds);
  }

  /** Whether `publishTexts` should be tried again with ids looked up anew. */
  isStale(error: unknown): boolean {
    return error instanceof DocumentIdChanged;
  }

  /** Stores whole texts, all or none. Durable and visible when it resolves. */
  async publishTexts(
    target: { collectionId: string; userId: string },
    drafts: readonly TextDraft[],
    index: IndexWriter,
  ): Promise<PublishedDocument[]> {
    const ids = drafts.map((draft) => draft.versionId);
    let published: PublishedDocument[];
    try {
      await this.staged.stage(drafts);
      published = await this.transactions.run(async (tx) => {
        const done = await this.versions.publishTexts(tx, target.collectionId, target.userId, drafts);
        await this.quotas.enforce(tx, target.userId);
        await this.conclude(tx, done, index);
        return done;
      });
    } catch (error) {
      // What cannot be taken away now is found by the job that removes versions.
      await this.staged.unstage(ids).catch(() => undefined);
      throw error;
    }
    this.wake(published);
    return published;
  }

  /** Publishes what was read from a file; undefined when the file was replaced or deleted meanwhile. */
  async publishFile(
    pending: PendingVersion,
    draft: VersionDraft & { mime: string },
    status: 'ready' | 'embedding',
    index: IndexWriter,
  ): Promise<PublishedDocument | undefined> {
    await this.staged.stagePassages([draft]);
    const published = await this.transactions.run(async (tx) => {
      const done = await this.versions.publishFile(tx, pending, draft, status);
      if (done) await this.conclude(tx, [done], index);
      return done;
    });
    if (published) this.wake([published]);
    return published;
  }

  private async conclude(
    tx: Transaction,
    published: readonly PublishedDocument[],
    index: IndexWriter,
  ): Promise<void> {
    await this.jobs.enqueue(tx, EMBED_JOB, {});
    const replaced = published.flatMap((p) => p.replacedVersionId ?? []);
    if (replaced.length > 0) await this.removal.retire(tx, replaced);
    await index(tx);
  }

  private wake(published: readonly PublishedDocument[]): void {
    if (published.some((p) => p.replacedVersionId)) this.jobs.wake(REMOVE_JOB);
  }
}
