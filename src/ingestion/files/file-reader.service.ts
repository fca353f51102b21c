import { Injectable } from '@nestjs/common';
import { pageStartsOf, type PageStarts } from '../../common/page-starts.js';
import { titleOfFile } from '../../common/search/file-name.js';
import type { PendingVersion, StoredPart } from '../../documents/documents.types.js';
import { StorageService } from '../../storage/storage.service.js';
import type { Chunk } from '../chunk/chunk.types.js';
import { ChunkingService } from '../chunk/chunking.service.js';
import { Extractor } from '../extract/extractor.service.js';
import type { ExtractFailure, PageCount } from '../extract/extract.types.js';
import { HeldText } from './held-text.js';
import { InnerFiles } from './inner-files.service.js';

export interface ReadText {
  ok: true;
  text: string;
  title: string | null;
  mime: string;
  language: string | undefined;
  pages: number | null;
  pageStarts: PageStarts | null;
  chunks: Chunk[];
  /** Files that were in it, stored and not yet anybody's. */
  parts: StoredPart[];
  /** Makes room for others; to be called when the text is no longer needed. */
  release: () => void;
}

export type ReadFile = ReadText | { ok: false; failure: ExtractFailure };

/** From stored bytes to passages: extraction in its own process, chunking in its own thread. */
@Injectable()
export class FileReader {
  private readonly held = new HeldText();

  constructor(
    private readonly storage: StorageService,
    private readonly extractor: Extractor,
    private readonly chunking: ChunkingService,
    private readonly inner: InnerFiles,
  ) {}

  /**
   * @param onPages told how far it is, where the format has pages
   * @throws AppError `insufficient_storage`, `file_store_unavailable`, `not_found`: nothing is known about the file then
   */
  async read(
    pending: PendingVersion,
    onPages: (pages: PageCount) => void,
    signal: AbortSignal,
  ): Promise<ReadFile> {
    // Text, passages and vectors take more room than the file, and a full disk stops the database.
    await this.storage.requireReserve();
    await this.held.room();
    return this.inner.withFolder(async (folder): Promise<ReadFile> => {
      const extracted = await this.storage.withLocal(pending.file_key, (path) =>
        this.extractor.extract({
          path,
          fileName: pending.file_name ?? '',
          mime: pending.mime,
          folder,
          onPages,
          signal,
        }),
      );
      if (!extracted.ok) return extracted;
      const { text, mime, pages, blocks } = extracted.value;
      const release = this.held.hold(text.length);
      try {
        const title = pending.title ?? extracted.value.title ?? pending.file_name;
        const context = titleOfFile(title, pending.file_name);
        const { chunks, language } = await this.chunking.chunkExtracted(extracted.value, context);
        const stored = await this.inner.store(extracted.files, signal);
        if (!stored.ok) {
          release();
          return stored;
        }
        const { parts } = stored;
        const pageStarts = pageStartsOf(blocks);
        return { ok: true, text, title, mime, language, pages, pageStarts, chunks, parts, release };
      } catch (error) {
        release();
        throw error;
      }
    });
  }
}
