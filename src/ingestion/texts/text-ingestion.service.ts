import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { CollectionsService } from '../../collections/collections.service.js';
import type { Caller } from '../../collections/collections.types.js';
import { AppError } from '../../common/errors/app-error.js';
import { newId } from '../../common/new-id.js';
import { DocumentPublishingService } from '../../documents/publishing/document-publishing.service.js';
import type {
  EditedDocument,
  Metadata,
  PublishedDocument,
  TextDraft,
} from '../../documents/documents.types.js';
import { StorageService } from '../../storage/storage.service.js';
import { ChunkingService } from '../chunk/chunking.service.js';
import { EmbeddingBacklog } from '../embedding/embedding-backlog.service.js';
import { PassageIndexing } from '../passage-indexing.service.js';

const MAX_ATTEMPTS = 3;

export interface TextInput {
  externalId: string;
  text: string;
  title: string | null;
  metadata: Metadata;
}

export interface AddedText {
  externalId: string;
  documentId: string;
  indexed: 'lexical' | 'full';
}

/** Texts that come whole with their request: durable and found by words when it resolves. */
@Injectable()
export class TextIngestionService {
  constructor(
    private readonly collections: CollectionsService,
    private readonly publishing: DocumentPublishingService,
    private readonly chunking: ChunkingService,
    private readonly indexing: PassageIndexing,
    private readonly backlog: EmbeddingBacklog,
    private readonly storage: StorageService,
  ) {}

  /**
   * Adds or replaces documents, all or none, then waits up to `waitMs` milliseconds for their vectors.
   * @returns one result for each input, in order
   */
  async add(
    caller: Caller,
    inputs: readonly TextInput[],
    options: { collectionId: string | undefined; waitMs: number },
  ): Promise<AddedText[]> {
    refuseDuplicates(inputs);
    await this.storage.requireSpace();
    const collectionId = await this.collections.writable(caller, options.collectionId);
    const drafts = await this.draft(inputs);
    const published = await this.publish({ collectionId, userId: caller.id }, drafts);
    this.backlog.wake();
    const missing = await this.backlog.wait(
      published.map((p) => p.versionId),
      options.waitMs,
    );
    return published.map((p) => ({
      externalId: p.externalId,
      documentId: p.documentId,
      indexed: missing.has(p.versionId) ? 'lexical' : 'full',
    }));
  }

  /**
   * Indexes a text again under another title, as a new version of the same words.
   * @returns false when the document changed meanwhile and has to be looked up again
   */
  async retitle(userId: string, document: EditedDocument, title: string): Promise<boolean> {
    const [draft] = await this.draft([
      {
        externalId: document.external_id,
        text: document.text ?? '',
        title,
        metadata: document.metadata,
      },
    ]);
    if (!draft) throw new Error('a text was not cut');
    const target = { collectionId: document.collection_id, userId };
    const whole = { ...draft, documentId: document.id, mime: document.mime, replaces: document.version_id };
    const write = await this.indexing.prepare([
      { ...whole, collectionId: target.collectionId, fileName: null },
    ]);
    try {
      await this.publishing.publishTexts(target, [whole], (tx) => write.store(tx));
    } catch (error) {
      if (this.publishing.isStale(error)) return false;
      throw error;
    }
    this.backlog.wake();
    return true;
  }

  /** Publishes what is cut already, all or none; vectors follow. */
  async publishDrafts(
    target: { collectionId: string; userId: string },
    drafts: readonly Omit<TextDraft, 'documentId'>[],
  ): Promise<void> {
    await this.publish(target, drafts);
    this.backlog.wake();
  }

  private async draft(inputs: readonly TextInput[]): Promise<Omit<TextDraft, 'documentId'>[]> {
    const chunked = await this.chunking.chunkTexts(inputs.map(({ text, title }) => ({ text, title })));
    return inputs.map((input, i) => {
      const result = chunked[i];
      if (!result || result.chunks.length === 0)
        throw new AppError(
          'validation_failed',
          `The text of ${JSON.stringify(input.externalId.slice(0, 100))} holds nothing that can be found.`,
        );
      return {
        versionId: randomUUID(),
        externalId: input.externalId,
        mime: 'text/plain',
        metadata: input.metadata,
        text: result.text,
        title: input.title,
        language: result.language ?? null,
        pages: null,
        pageStarts: null,
        passages: result.chunks.map((chunk) => ({ ...chunk, id: randomUUID() })),
      };
    });
  }

  private async publish(
    target: { collectionId: string; userId: string },
    drafts: readonly Omit<TextDraft, 'documentId'>[],
  ): Promise<PublishedDocument[]> {
    for (let attempt = 1; ; attempt++) {
      const known = await this.publishing.idsOf(
        target.collectionId,
        drafts.map((draft) => draft.externalId),
      );
      const identified = drafts.map((draft) => ({
        ...draft,
        documentId: known.get(draft.externalId) ?? newId(),
      }));
      const write = await this.indexing.prepare(
        identified.map((draft) => ({
          ...draft,
          collectionId: target.collectionId,
          fileName: draft.original?.fileName ?? null,
        })),
      );
      try {
        return await this.publishing.publishTexts(target, identified, (tx) => write.store(tx));
      } catch (error) {
        if (!this.publishing.isStale(error)) throw error;
        if (attempt === MAX_ATTEMPTS)
          throw new AppError(
            'conflict',
            'The same documents are being written by other requests. Try again.',
          );
      }
    }
  }
}

function refuseDuplicates(inputs: readonly TextInput[]): void {
  const seen = new Set<string>();
  for (const { externalId } of inputs) {
    if (seen.has(externalId))
      throw new AppError(
        'duplicate_doc_id',
        `${JSON.stringify(externalId.slice(0, 100))} is there more than once.`,
      );
    seen.add(externalId);
  }
}
