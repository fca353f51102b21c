import { Injectable } from '@nestjs/common';
import type { PassageDraft, VersionDraft } from '../documents/documents.types.js';
import { LexicalService } from '../lexical/lexical.service.js';
import type { PreparedLexicalWrite } from '../lexical/lexical-index.port.js';

export interface DraftToIndex extends Pick<VersionDraft, 'versionId' | 'title' | 'language'> {
  passages: readonly Pick<PassageDraft, 'id' | 'text' | 'headingPath'>[];
  documentId: string;
  collectionId: string;
  /** Of the file that it was read from. */
  fileName: string | null;
}

/** Hands a version's passages to the word index. */
@Injectable()
export class PassageIndexing {
  constructor(private readonly lexical: LexicalService) {}

  /** Analyses outside any transaction; the result is stored inside the one that publishes. */
  prepare(drafts: readonly DraftToIndex[]): Promise<PreparedLexicalWrite> {
    return this.lexical.prepare(
      drafts.map((draft) => ({
        documentId: draft.documentId,
        versionId: draft.versionId,
        collectionId: draft.collectionId,
        // A file without a title is called by its name, which is a field of its own.
        title: draft.title === draft.fileName ? null : draft.title,
        fileName: draft.fileName,
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
