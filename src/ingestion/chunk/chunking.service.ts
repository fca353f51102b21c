import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { titleOfFile } from '../../common/search/file-name.js';
import { EmbeddingsService } from '../../embeddings/embeddings.service.js';
import type { ExtractedText } from '../extract/extract.types.js';
import type { Chunk } from './chunk.types.js';
import { toChunks } from './chunker.js';
import { TextThread } from './text-thread.js';
import type { TextRequest } from './text-worker.types.js';

export interface ChunkedText {
  /** Normalised: what the offsets of the chunks point into. */
  text: string;
  /** As given, else what the text calls itself. */
  title: string | null;
  /** ISO 639-1; undefined where it is unsure. */
  language: string | undefined;
  /** Empty when the text holds nothing but white space. */
  chunks: Chunk[];
}

/** Cuts texts into passages that the encoder reads whole, in threads of its own. */
@Injectable()
export class ChunkingService implements OnModuleDestroy {
  /** Requests do not wait behind the long documents of background jobs. */
  private readonly requests = new TextThread();
  private readonly files = new TextThread({ background: true });

  constructor(private readonly embeddings: EmbeddingsService) {}

  /** Texts without a file: Markdown where they look like it, else plain. One result for each, in order. */
  async chunkTexts(documents: readonly { text: string; title: string | null }[]): Promise<ChunkedText[]> {
    const named = documents.map(({ text, title }) => ({ text, title: titleOfFile(title, null) }));
    const results = await this.requests.run(named, this.order());
    return results.map((result, i) => {
      const text = result.text ?? documents[i]!.text;
      const { language } = result;
      const title = documents[i]!.title ?? result.title;
      return { text, title, language, chunks: toChunks(text, result.spans) };
    });
  }

  /** Passages of a file that was read. `title` stands in front of each, instead of the file's own. */
  async chunkExtracted(
    extracted: ExtractedText,
    title: string | null,
  ): Promise<{ chunks: Chunk[]; language: string | undefined }> {
    const [result] = await this.files.run([{ extracted, title }], this.order());
    return { chunks: toChunks(extracted.text, result?.spans ?? []), language: result?.language };
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.requests.close(), this.files.close()]);
  }

  /** The tokenizer may arrive while the application runs; until then tokens are estimated, rather too many. */
  private order(): Pick<TextRequest, 'maxTokens' | 'modelDir'> {
    return { maxTokens: this.embeddings.info().maxTokens, modelDir: this.embeddings.modelDir() };
  }
}
