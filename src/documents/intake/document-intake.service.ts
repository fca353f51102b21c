import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import { newId } from '../../common/new-id.js';
import type { StoredFile } from '../../storage/storage.types.js';
import { DocumentAcceptance, type AcceptedFile } from './document-acceptance.service.js';
import type { Metadata } from '../documents.types.js';
import { IncomingFiles } from './incoming-files.service.js';
import { MissingFiles } from '../versions/missing-files.service.js';
import { QuotasService } from '../quotas.service.js';
import { ReadingService } from '../versions/reading.service.js';
import { DocumentIdChanged } from '../versions/take-documents.js';

const MAX_ATTEMPTS = 3;

export interface UploadedFile {
  name: string | null;
  mime: string;
  stored: StoredFile;
  /** Set once a document owns the bytes, or may: they are not to be discarded then. */
  accepted?: boolean;
}

export interface IntakeOptions {
  /** Only with a single file; a file without one gets an id of its own. */
  externalId?: string | undefined;
  metadata?: Metadata | undefined;
  /** Stores content again that the collection has. */
  allowDuplicate: boolean;
}

export interface Intake {
  id: string;
  /** The document that has this content already; nothing was stored then. */
  duplicateOf: string | null;
}

/** Accepts files: bytes, row and job are durable before the caller hears of it. */
@Injectable()
export class DocumentIntakeService {
  constructor(
    private readonly acceptance: DocumentAcceptance,
    private readonly quotas: QuotasService,
    private readonly reading: ReadingService,
    private readonly incoming: IncomingFiles,
    private readonly missing: MissingFiles,
  ) {}

  /** @param bytes of the whole request, where it says so */
  requireSpace(bytes: number | undefined): Promise<void> {
    return this.incoming.requireSpace(bytes);
  }

  /**
   * Stores the bytes of one file; they belong to nobody until `accept`.
   * @param mayNeedNoRoom whether it may be accepted by a user who has no room left: it may take the place of a document,
   * or be what was accepted before. `accept` decides.
   */
  async store(userId: string, content: Readable, mayNeedNoRoom: boolean): Promise<StoredFile> {
    if (mayNeedNoRoom) return this.incoming.store(userId, content, this.quotas.most);
    const room = await this.quotas.room(userId);
    return this.incoming.store(userId, content, room, room);
  }

  discard(files: readonly { stored: StoredFile }[]): Promise<void> {
    return this.incoming.discard(files);
  }

  requireFresh(files: readonly { stored: StoredFile }[]): void {
    this.incoming.requireFresh(files);
  }

  settle(files: readonly { stored: StoredFile }[]): void {
    this.incoming.settle(files);
  }

  /** Whether documents may own the files of an `accept` that failed with this. */
  mayHaveAccepted(error: unknown): boolean {
    return this.acceptance.mayHaveAccepted(error);
  }

  /** A request that comes again draws the ids of a document that may have been deleted meanwhile: then it draws others. */
  private async offer(
    userId: string,
    collectionId: string,
    files: readonly UploadedFile[],
    { externalId, metadata, allowDuplicate }: IntakeOptions,
  ): Promise<AcceptedFile[]> {
    for (let attempt = 1; ; attempt++) {
      // Drawn outside: the transaction may run more than once.
      const candidates = files.map(({ name, mime, stored }) => ({
        name,
        mime,
        stored,
        documentId: newId(),
        externalId: externalId ?? newId(),
      }));
      const offer = { userId, collectionId, candidates, namedAs: externalId, metadata, allowDuplicate };
      try {
        return await this.acceptance.accept(offer);
      } catch (error) {
        if (!(error instanceof DocumentIdChanged)) throw error;
        if (attempt === MAX_ATTEMPTS)
          throw new AppError(
            'conflict',
            'The documents of this request were deleted. Send it with another key.',
          );
      }
    }
  }

  private async mend(file: UploadedFile, { id, fileKey }: AcceptedFile): Promise<void> {
    const { key } = file.stored;
    // The documents are made: a look at the store that fails takes nothing back.
    const isTaken = await this.missing.mend({ documentId: id, fileKey, key }).catch(() => false);
    if (isTaken) this.leave([file]);
  }

  /** Bytes that belong to nobody after all are found when files and documents are compared. */
  private leave(files: readonly UploadedFile[]): void {
    for (const file of files) file.accepted = true;
    this.settle(files);
  }

  /**
   * Makes documents of stored files, all or none. Content that the collection has already is answered with its
   * document, which is read again where that had failed, and gets its bytes back where those are gone.
   * @returns one for each file, in order
   */
  async accept(
    userId: string,
    collectionId: string,
    files: readonly UploadedFile[],
    options: IntakeOptions,
  ): Promise<Intake[]> {
    this.requireFresh(files);
    const accepted = await this.offer(userId, collectionId, files, options).catch((error: unknown) => {
      if (this.mayHaveAccepted(error)) this.leave(files);
      throw error;
    });
    for (const [i, file] of files.entries()) file.accepted = accepted[i]?.mine ?? false;
    this.settle(files.filter((file) => file.accepted));
    this.reading.wake();
    await this.reading.stop(accepted.flatMap(({ overtaken }) => overtaken ?? []));
    for (const [i, file] of files.entries()) if (file.accepted !== true) await this.mend(file, accepted[i]!);
    return accepted.map(({ id, duplicateOf }) => ({ id, duplicateOf }));
  }
}
