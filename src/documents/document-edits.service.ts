import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { notFound } from '../common/errors/app-error.js';
import { Transactions } from '../database/transactions.js';
import { DocumentEditsRepository } from './document-edits.repository.js';
import { DocumentPartsService } from './publishing/document-parts.service.js';
import type { EditedDocument, Metadata } from './documents.types.js';
import { QuotasService } from './quotas.service.js';
import { ReadingService } from './versions/reading.service.js';

/** The document is no longer as it was looked up: look again. */
class EditedMeanwhile extends Error {}

/** Changes to documents that are there already. The caller has seen to the right to write. */
@Injectable()
export class DocumentEditsService {
  constructor(
    private readonly repository: DocumentEditsRepository,
    private readonly parts: DocumentPartsService,
    private readonly reading: ReadingService,
    private readonly quotas: QuotasService,
    private readonly transactions: Transactions,
  ) {}

  /** @throws AppError `not_found` */
  async find(id: string): Promise<EditedDocument> {
    const found = await this.repository.find(id);
    if (!found) throw notFound('document');
    return found;
  }

  /** Of the document and of the files in it. */
  setMetadata(id: string, metadata: Metadata): Promise<void> {
    return this.transactions.run(async (tx) => {
      await this.repository.setMetadata(tx, id, metadata);
      await this.parts.passOnMetadata(tx, [id]);
    });
  }

  /**
   * Gives a file another title. What was read already is read again under it, and answers under the old one until then;
   * it counts for the writer from now on, as everything that somebody writes.
   * @returns false when the document changed meanwhile and has to be looked up again
   */
  async retitleFile(userId: string, document: EditedDocument, title: string): Promise<boolean> {
    const versionId = randomUUID();
    try {
      await this.transactions.run(async (tx) => {
        if (!(await this.repository.lock(tx, document))) throw new EditedMeanwhile();
        if (!document.published) {
          if (!(await this.repository.setTitle(tx, document, title))) throw new EditedMeanwhile();
          return;
        }
        await this.repository.copyVersion(tx, document, { versionId, title, userId });
        await this.reading.lineUp(tx, userId, [versionId]);
        await this.quotas.enforceAll(tx, userId);
      });
    } catch (error) {
      if (error instanceof EditedMeanwhile) return false;
      throw error;
    }
    if (document.published) this.reading.wake();
    return true;
  }
}
