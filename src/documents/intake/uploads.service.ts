import { Injectable } from '@nestjs/common';
import { CollectionsService } from '../../collections/collections.service.js';
import type { Caller } from '../../collections/collections.types.js';
import { AppError, notFound } from '../../common/errors/app-error.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import { DocumentIntakeService, type UploadedFile } from './document-intake.service.js';
import { DocumentsService } from '../documents.service.js';
import { ReadingService } from '../versions/reading.service.js';
import type { AcceptedUpload, DocumentRow, Metadata } from '../documents.types.js';

export interface UploadFields {
  collection_id?: string | undefined;
  doc_id?: string | undefined;
  metadata?: Metadata | undefined;
  allow_duplicate?: boolean | undefined;
}

const mayRead = ({ apiKey }: Pick<AuthUser, 'apiKey'>): boolean =>
  !apiKey || apiKey.scopes.includes('documents:read');

/** What a caller may do with files. */
@Injectable()
export class UploadsService {
  constructor(
    private readonly intake: DocumentIntakeService,
    private readonly documents: DocumentsService,
    private readonly collections: CollectionsService,
    private readonly reading: ReadingService,
  ) {}

  /**
   * All files or none; the bytes of files that were not accepted are discarded by the upload's interceptor.
   * @param files undefined where nobody kept them, because the request had its answer when they came
   */
  async accept(
    caller: Caller & Pick<AuthUser, 'apiKey'>,
    files: readonly UploadedFile[] | undefined,
    fields: UploadFields,
  ): Promise<AcceptedUpload[]> {
    if (!files)
      throw new AppError(
        'idempotency_in_flight',
        'The answer that was kept for this key has just expired. Try again.',
        {
          retryAfter: 1,
        },
      );
    if (files.length === 0)
      throw new AppError('validation_failed', 'Send at least one file in the field "file".');
    if (files.length > 1 && fields.doc_id !== undefined)
      throw new AppError('validation_failed', 'doc_id names one document: send a single file with it.');
    const collectionId = await this.collections.writable(caller, fields.collection_id);
    const taken = await this.intake.accept(caller.id, collectionId, files, {
      externalId: fields.doc_id,
      metadata: fields.metadata,
      // What was there before would be told to a key that may not read.
      allowDuplicate: !mayRead(caller) || (fields.allow_duplicate ?? false),
    });
    return Promise.all(
      taken.map(async ({ id, duplicateOf }) => {
        const row = await this.documents.within(collectionId, id);
        // Deleted at once by somebody else.
        if (!row) throw notFound('document');
        return { row, duplicateOf };
      }),
    );
  }

  async retry(caller: Caller, id: string): Promise<DocumentRow> {
    const found = await this.documents.get(caller, id);
    await this.collections.require(caller, found.collection_id, 'write');
    await this.reading.retry(id);
    return this.documents.get(caller, id);
  }

  /** Ends the reading of a document. @throws AppError `conflict` where it neither waits nor is being read */
  async cancel(caller: Caller, id: string): Promise<DocumentRow> {
    const found = await this.documents.get(caller, id);
    await this.collections.require(caller, found.collection_id, 'write');
    await this.reading.cancel(id);
    return this.documents.get(caller, id);
  }
}
