import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { newId } from '../common/new-id.js';
import type { Transaction } from '../database/transaction.types.js';
import { Transactions } from '../database/transactions.js';
import type { StoredFile } from '../storage/storage.types.js';
import { DocumentVersionsRepository } from './document-versions.repository.js';
import type { Metadata } from './documents.types.js';
import { IncomingFiles } from './incoming-files.service.js';
import { QuotasService } from './quotas.service.js';
import { ReadingService } from './reading.service.js';
import { SameContentRepository } from './same-content.repository.js';

export interface UploadedFile {
  name: string | null;
  mime: string;
  stored: StoredFile;
  /** Set once a document owns the bytes. */
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

interface AcceptedFile extends Intake {
  /** A file that waited to be read and never will be. */
  overtaken: string | null;
  /** Whether its bytes are the document's. */
  mine: boolean;
  /** The version that waits to be read now. */
  toRead: string | undefined;
}

/** Accepts files: bytes, row and job are durable before the caller hears of it. */
@Injectable()
export class DocumentIntakeService {
  constructor(
    private readonly versions: DocumentVersionsRepository,
    private readonly same: SameContentRepository,
    private readonly quotas: QuotasService,
    private readonly transactions: Transactions,
    private readonly reading: ReadingService,
    private readonly incoming: IncomingFiles,
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

  /**
   * Makes documents of stored files, all or none. Content that the collection has already is answered with its
   * document, which is read again where that had failed.
   * @returns one for each file, in order
   */
  async accept(
    userId: string,
    collectionId: string,
    files: readonly UploadedFile[],
    options: IntakeOptions,
  ): Promise<Intake[]> {
    this.requireFresh(files);
    // Drawn outside: the transaction may run more than once.
    const ids = files.map(() => ({ documentId: newId(), externalId: options.externalId ?? newId() }));
    const taken = await this.transactions.run(async (tx) => {
      await this.same.lock(
        tx,
        collectionId,
        files.map((file) => file.stored.sha256),
      );
      const done: (AcceptedFile & { file: UploadedFile })[] = [];
      for (const [i, file] of files.entries()) {
        const one = await this.acceptOne(tx, { userId, collectionId, file, ids: ids[i]!, options });
        done.push({ ...one, file });
      }
      await this.reading.lineUp(
        tx,
        userId,
        done.flatMap(({ toRead }) => toRead ?? []),
      );
      // What was there already takes no room, whatever the quota was when it came.
      if (done.some(({ mine, toRead }) => mine || toRead)) await this.quotas.enforceAll(tx, userId);
      return done;
    });
    for (const { file, mine } of taken) file.accepted = mine;
    this.settle(files.filter((file) => file.accepted));
    this.reading.wake();
    await this.reading.stop(taken.flatMap(({ overtaken }) => overtaken ?? []));
    return taken.map(({ id, duplicateOf }) => ({ id, duplicateOf }));
  }

  private async acceptOne(
    tx: Transaction,
    draft: {
      userId: string;
      collectionId: string;
      file: UploadedFile;
      ids: { documentId: string; externalId: string };
      options: IntakeOptions;
    },
  ): Promise<AcceptedFile> {
    const { userId, collectionId, file, ids, options } = draft;
    // The same request again, after its first answer was lost, draws the same id and finds its own document.
    const same = options.allowDuplicate
      ? await this.same.findOwn(tx, { collectionId, ...file.stored, ...ids })
      : await this.same.find(tx, { collectionId, ...file.stored, ...options });
    if (same) {
      const again = same.status === 'failed' ? await this.versions.requeue(tx, same.id, userId) : undefined;
      const duplicateOf = same.id === ids.documentId ? null : same.id;
      return { id: same.id, duplicateOf, mine: false, toRead: again?.versionId, overtaken: null };
    }
    const versionId = randomUUID();
    const { id, overtakenVersionId: overtaken } = await this.versions.addFile(tx, collectionId, userId, {
      ...ids,
      versionId,
      fileName: file.name,
      mime: file.mime,
      bytes: file.stored.bytes,
      sha256: file.stored.sha256,
      fileKey: file.stored.key,
      metadata: options.metadata ?? {},
    });
    if (overtaken) await this.reading.removeOvertaken(tx);
    return { id, duplicateOf: null, mine: true, toRead: versionId, overtaken };
  }
}
