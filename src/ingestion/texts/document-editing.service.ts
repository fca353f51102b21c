import { Injectable } from '@nestjs/common';
import { CollectionsService } from '../../collections/collections.service.js';
import type { Caller } from '../../collections/collections.types.js';
import { AppError } from '../../common/errors/app-error.js';
import { DocumentEditsService } from '../../documents/document-edits.service.js';
import { DocumentsService } from '../../documents/documents.service.js';
import type { DocumentRow, Metadata } from '../../documents/documents.types.js';
import { TextIngestionService } from './text-ingestion.service.js';

const MAX_ATTEMPTS = 3;

export interface DocumentEdit {
  title?: string | undefined;
  metadata?: Metadata | undefined;
}

/** Title and metadata of a document. A title is part of what is found, so a new one is indexed with its passages. */
@Injectable()
export class DocumentEditing {
  constructor(
    private readonly documents: DocumentsService,
    private readonly collections: CollectionsService,
    private readonly edits: DocumentEditsService,
    private readonly texts: TextIngestionService,
  ) {}

  /** @throws AppError `not_found`, `forbidden`, `conflict` where others change it all the time */
  async edit(caller: Caller, id: string, { title, metadata }: DocumentEdit): Promise<DocumentRow> {
    const found = await this.documents.get(caller, id);
    await this.collections.require(caller, found.collection_id, 'write');
    if (metadata !== undefined) await this.edits.setMetadata(id, metadata);
    if (title !== undefined) await this.retitle(caller.id, id, title);
    return this.documents.get(caller, id);
  }

  private async retitle(userId: string, id: string, title: string): Promise<void> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const document = await this.edits.find(id);
      if (document.title === title) return;
      const done =
        document.file_key === null
          ? await this.texts.retitle(userId, document, title)
          : await this.edits.retitleFile(userId, document, title);
      if (done) return;
    }
    throw new AppError('conflict', 'The document is being changed by other requests. Try again.');
  }
}
