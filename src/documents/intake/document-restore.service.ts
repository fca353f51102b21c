import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { StoredFile } from '../../storage/storage.types.js';
import { DocumentIntakeService, type UploadedFile } from './document-intake.service.js';
import type { Metadata } from '../documents.types.js';

/** Originals of documents that are brought back from elsewhere. */
@Injectable()
export class DocumentRestoreService {
  constructor(private readonly intake: DocumentIntakeService) {}

  /** The bytes belong to nobody until a document is made of them. */
  store(userId: string, content: Readable): Promise<StoredFile> {
    return this.intake.store(userId, content, true);
  }

  /** @throws AppError `payload_too_large` where the bytes may be gone, because they came long ago */
  requireFresh(stored: StoredFile): void {
    this.intake.requireFresh([{ stored }]);
  }

  /** The bytes belong to a document now. */
  settle(stored: StoredFile): void {
    this.intake.settle([{ stored }]);
  }

  /** Whether a document may own the bytes though making it failed with this: they are not to be discarded then. */
  mayOwn(error: unknown): boolean {
    return this.intake.mayHaveAccepted(error);
  }

  discard(stored: StoredFile): Promise<void> {
    return this.intake.discard([{ stored }]);
  }

  /** Makes a document of a file that is still to be read. */
  async acceptUnread(
    userId: string,
    collectionId: string,
    stored: StoredFile,
    about: { doc_id: string; file_name: string | null; mime: string; metadata: Metadata },
  ): Promise<void> {
    const file: UploadedFile = { name: about.file_name, mime: about.mime, stored };
    await this.intake.accept(userId, collectionId, [file], {
      externalId: about.doc_id,
      metadata: about.metadata,
      allowDuplicate: true,
    });
    // The same file was there already, under the same doc_id.
    if (file.accepted !== true) await this.discard(stored);
  }
}
