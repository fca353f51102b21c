import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../database/transaction.types.js';
import { Transactions } from '../../database/transactions.js';
import { JobQueue } from '../../jobs/job-queue.service.js';
import { DocumentPartsService } from './document-parts.service.js';
import { INGEST_JOB, REMOVE_JOB } from '../document-jobs.types.js';
import { DocumentRemovalService } from '../removal/document-removal.service.js';
import { DocumentVersionsRepository } from '../versions/document-versions.repository.js';
import { QuotasService } from '../quotas.service.js';
import { StagedVersionsRepository } from '../versions/staged-versions.repository.js';
import type { FileToPublish, PublishedDocument, StoredPart, TextDraft } from '../documents.types.js';
import { DocumentIdChanged } from '../versions/take-documents.js';

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
    private readonly parts: DocumentPartsService,
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
    let unread: string[];
    try {
      await this.staged.stage(drafts);
      ({ published, unread } = await this.transactions.run(async (tx) => {
        const done = await this.versions.publishTexts(tx, target.collectionId, target.userId, drafts);
        await this.quotas.enforce(tx, target.userId);
        // A mail or an archive that becomes a text has no parts any more; one that comes again keeps them.
        const replaced = done.filter((p) => p.replacedVersionId);
        const hidden = await this.parts.drop(tx, idsOf(replaced.filter((p) => !p.sameFile)));
        await this.parts.passOnMetadata(tx, idsOf(replaced.filter((p) => p.sameFile && p.retagged)));
        await this.conclude(tx, done, index, hidden.shown);
        const overtaken = done.flatMap((p) => p.overtakenVersionId ?? []);
        return { published: done, unread: [...hidden.unread, ...overtaken] };
      }));
    } catch (error) {
      // What cannot be taken away now is found by the job that removes versions.
      await this.staged.unstage(ids).catch(() => undefined);
      throw error;
    }
    await this.settle(published, unread);
    return published;
  }

  /**
   * Publishes what was read from files, all or none. False when one of them was replaced or deleted meanwhile: nothing
   * is published then.
   */
  async publishFiles(
    files: readonly FileToPublish[],
    status: 'ready' | 'embedding',
    index: IndexWriter,
  ): Promise<boolean> {
    await this.staged.stageFiles(files);
    const published = await this.transactions.run(async (tx) => {
      const done = await this.versions.publishFiles(tx, files, status);
      if (!done) return undefined;
      // A mail or an archive that was replaced by another file has no parts any more.
      const hidden = await this.parts.drop(tx, idsOf(done.filter((p) => p.replacedVersionId)));
      await this.conclude(tx, done, index, hidden.shown);
      return { done, unread: hidden.unread };
    });
    if (published) await this.settle(published.done, published.unread);
    return published !== undefined;
  }

  /**
   * The same for a file with others in it, which become documents.
   * @throws PartsRefused when they cannot; nothing is published then
   */
  async publishWithParts(
    file: FileToPublish,
    parts: readonly StoredPart[],
    status: 'ready' | 'embedding',
    index: IndexWriter,
  ): Promise<boolean> {
    let unused = parts.map((part) => part.stored.key);
    try {
      await this.staged.stageFiles([file]);
      const published = await this.transactions.run(async (tx) => {
        const [done] = (await this.versions.publishFiles(tx, [file], status)) ?? [];
        if (!done) return undefined;
        const placed = await this.parts.replace(tx, done.documentId, parts);
        if (done.retagged) await this.parts.passOnMetadata(tx, [done.documentId]);
        await this.conclude(tx, [done], index, placed.shown);
        return { done, unread: placed.unread, same: placed.same };
      });
      if (!published) return false;
      unused = await this.parts.mend(published.same);
      await this.settle([published.done], published.unread);
      this.parts.wake();
      return true;
    } catch (error) {
      // What is left behind where nobody knows is found later.
      if (this.transactions.mayBeCommitted(error)) unused = [];
      throw error;
    } finally {
      await this.parts.discard(unused);
    }
  }

  private async conclude(
    tx: Transaction,
    published: readonly PublishedDocument[],
    index: IndexWriter,
    retiredParts: readonly string[],
  ): Promise<void> {
    await this.jobs.enqueue(tx, EMBED_JOB, {});
    const replaced = [...published.flatMap((p) => p.replacedVersionId ?? []), ...retiredParts];
    if (replaced.length > 0) await this.removal.retire(tx, replaced);
    await index(tx);
  }

  /** What is to be done after the commit. */
  private async settle(published: readonly PublishedDocument[], unread: readonly string[]): Promise<void> {
    if (published.some((p) => p.replacedVersionId)) this.jobs.wake(REMOVE_JOB);
    await this.jobs.giveUp(INGEST_JOB, unread);
  }
}

const idsOf = (published: readonly PublishedDocument[]): string[] => published.map((p) => p.documentId);
