import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DocumentPublishingService } from '../../documents/publishing/document-publishing.service.js';
import { DocumentSuccessionService } from '../../documents/publishing/document-succession.service.js';
import type { FileToPublish, StoredPart } from '../../documents/documents.types.js';
import { EmbeddingsService } from '../../embeddings/embeddings.service.js';
import { EmbeddingBacklog } from '../embedding/embedding-backlog.service.js';
import { PassageIndexing } from '../passage-indexing.service.js';

/** Files published together have at most so many passages: in the embedded database others wait for the switch. */
const MOST_PASSAGES = 64;
const MOST_FILES = 16;
/** A version with more is not held back: the switch to it, with all its vectors, would take too long. */
const MOST_HELD = 2048;

/** Longest that a file waits for others that are being read, and how often it looks. */
const GATHER_MS = 50;
const LOOK_MS = 5;

interface Waiting {
  file: FileToPublish;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Publishes what was read. Files that are ready at about the same time go together in one transaction: for small ones it
 * costs more than all the rest.
 */
@Injectable()
export class FilePublisher {
  private readonly waiting: Waiting[] = [];
  private running = false;
  /** Files that are being read. */
  private expected = 0;

  constructor(
    private readonly publishing: DocumentPublishingService,
    private readonly succession: DocumentSuccessionService,
    private readonly indexing: PassageIndexing,
    private readonly embeddings: EmbeddingsService,
    private readonly backlog: EmbeddingBacklog,
  ) {}

  /** Reads a file, whose result is published soon: what is ready before it waits for it a moment. */
  async whileReading<T>(read: () => Promise<T>): Promise<T> {
    this.expected++;
    try {
      return await read();
    } finally {
      this.expected--;
    }
  }

  /**
   * Resolves once the file is found by words, or was replaced or deleted meanwhile. One that replaces another and will have
   * vectors is only stored: the other one answers until they are there.
   * @throws PartsRefused when the files in it cannot become documents
   */
  async publish(file: FileToPublish, parts: readonly StoredPart[]): Promise<void> {
    if (parts.length > 0) {
      const write = await this.prepare([file]);
      await this.publishing.publishWithParts(file, parts, this.status(), (tx) => write.store(tx));
      return this.backlog.wake();
    }
    if (file.pending.replaces && this.comesLater(file)) {
      await this.succession.hold(file);
      return this.backlog.wake();
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ file, resolve, reject });
      if (!this.running) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.waiting.length > 0) {
      await this.gather();
      await this.publishBatch(this.nextBatch());
    }
    this.running = false;
  }

  private async gather(): Promise<void> {
    const until = Date.now() + GATHER_MS;
    while (this.expected > 0 && !this.isFull() && Date.now() < until) await pause(LOOK_MS);
  }

  private isFull(): boolean {
    return this.waiting.length >= MOST_FILES || this.fitting() < this.waiting.length;
  }

  /** Of those that wait, how many have few enough passages to go together. */
  private fitting(): number {
    let passages = 0;
    const fits = this.waiting.findIndex(
      ({ file }) => (passages += file.draft.passages.length) > MOST_PASSAGES,
    );
    return fits < 0 ? this.waiting.length : fits;
  }

  private nextBatch(): Waiting[] {
    return this.waiting.splice(0, Math.min(Math.max(1, this.fitting()), MOST_FILES));
  }

  /** All together; where that fails each alone, so that it concerns nobody else. */
  private async publishBatch(batch: readonly Waiting[]): Promise<void> {
    const done = await this.together(batch.map(({ file }) => file)).catch((error: unknown) => {
      if (batch.length === 1) batch[0]!.reject(error);
      return false;
    });
    if (done || batch.length === 1) for (const { resolve } of batch) resolve();
    else for (const each of batch) await this.publishBatch([each]);
    if (done) this.backlog.wake();
  }

  private async together(files: readonly FileToPublish[]): Promise<boolean> {
    const write = await this.prepare(files);
    return this.publishing.publishFiles(files, this.status(), (tx) => write.store(tx));
  }

  private prepare(files: readonly FileToPublish[]): ReturnType<PassageIndexing['prepare']> {
    return this.indexing.prepare(
      files.map(({ pending, draft }) => ({
        ...draft,
        documentId: pending.document_id,
        collectionId: pending.collection_id,
        fileName: pending.file_name,
      })),
    );
  }

  private comesLater({ draft }: FileToPublish): boolean {
    return draft.passages.length <= MOST_HELD && ['ready', 'loading'].includes(this.embeddings.state().state);
  }

  private status(): 'ready' | 'embedding' {
    return this.embeddings.state().state === 'ready' ? 'embedding' : 'ready';
  }
}
