import { Injectable } from '@nestjs/common';
import type { VersionDraft } from '../documents/documents.types.js';
import { LexicalService } from '../lexical/lexical.service.js';
import type { PreparedLexicalWrite } from '../lexical/lexical-index.port.js';

/** Hands a version's passages to the word index. */
@Injectable()
export class PassageIndexing {
  constructor(private readonly lexical: LexicalService) {}

  /** Analyses outside any transaction; the result is stored inside the one that publishes. */
  prepare(
    drafts: readonly (VersionDraft & { documentId: string; collectionId: string })[],
  ): Promise<PreparedLexicalWrite> {
    return this.lexical.prepare(
      drafts.map((draft) => ({
        documentId: draft.documentId,
        versionId: draft.versionId,
        collectionId: draft.collectionId,
        title: draft.title,
        language: draft.language ?? undefined,
        chunks: draft.passages.map((passage) => ({
          chunkId: passage.id,
          text: passage.text,
          headingPath: passage.headingPath,
        })),
      })),
    );
  }
}
