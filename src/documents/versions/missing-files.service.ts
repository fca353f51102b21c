import { Injectable } from '@nestjs/common';
import { Transactions } from '../../database/transactions.js';
import { StorageService } from '../../storage/storage.service.js';
import { DocumentVersionsRepository } from './document-versions.repository.js';

/** A document, the file that it was stored as, and the same bytes once more. */
export interface SameBytes {
  documentId: string;
  fileKey: string;
  /** Of the bytes that came again. */
  key: string;
}

/** Documents whose stored bytes are gone get them back when somebody brings the same. */
@Injectable()
export class MissingFiles {
  constructor(
    private readonly versions: DocumentVersionsRepository,
    private readonly storage: StorageService,
    private readonly transactions: Transactions,
  ) {}

  /** @returns whether the document took the bytes, or may have: they are not to be discarded then */
  async mend({ documentId, fileKey, key }: SameBytes): Promise<boolean> {
    if (await this.storage.has(fileKey)) return false;
    try {
      return await this.transactions.run((tx) => this.versions.replaceFile(tx, documentId, fileKey, key));
    } catch (error) {
      if (this.transactions.mayBeCommitted(error)) return true;
      throw error;
    }
  }
}
