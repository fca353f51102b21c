import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import type { StoredPart } from '../../documents/documents.types.js';
import { StorageService } from '../../storage/storage.service.js';
import { ExtractError } from '../extract/extract-error.js';
import { scratchPath } from '../extract/scratch.js';
import type { ExtractFailure, ReceivedFile } from '../extract/extract.types.js';

export type StoredParts = { ok: true; parts: StoredPart[] } | { ok: false; failure: ExtractFailure };

/** Files that were in a file, on their way from the reader's folder to the file store. */
@Injectable()
export class InnerFiles {
  constructor(private readonly storage: StorageService) {}

  /** Runs `work` with a folder that it may create and that is gone afterwards. */
  async withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
    const folder = scratchPath();
    try {
      return await work(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /**
   * Stores them all or none.
   * @throws AppError `insufficient_storage`, `file_store_unavailable`: try again later
   */
  async store(files: readonly ReceivedFile[], signal: AbortSignal): Promise<StoredParts> {
    const parts: StoredPart[] = [];
    try {
      for (const file of files) {
        signal.throwIfAborted();
        parts.push({
          name: file.name,
          mime: file.mime ?? 'application/octet-stream',
          stored: await this.storage.put(createReadStream(file.path)),
          documentId: randomUUID(),
          externalId: randomUUID(),
          versionId: randomUUID(),
        });
      }
      return { ok: true, parts };
    } catch (error) {
      await this.discard(parts.map((part) => part.stored.key));
      if (error instanceof AppError && error.code === 'payload_too_large')
        return {
          ok: false,
          failure: new ExtractError(
            'document_too_large',
            'A file in it is larger than a single file may be. Unpack it and split that file.',
          ),
        };
      throw error;
    }
  }

  /** What cannot be taken away now is found when stored files are compared with documents. */
  async discard(keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await this.storage.delete(keys).catch(() => undefined);
  }
}
