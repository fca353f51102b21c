import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { PageStarts } from '../../common/page-starts.js';
import type { DocumentStatus, Metadata } from '../documents.types.js';

export interface ExportedDocumentRow {
  id: string;
  external_id: string;
  status: DocumentStatus;
  metadata: Metadata;
  created_at: Date;
  version_id: string;
  published: boolean;
  title: string | null;
  file_name: string | null;
  mime: string;
  byte_size: string;
  sha256: Buffer;
  file_key: string | null;
  language: string | null;
  page_count: number | null;
  page_starts: PageStarts | null;
  chunk_count: number;
}

export interface ExportedChunkRow {
  ordinal: number;
  text: string;
  search_text: string;
  char_start: number;
  char_end: number;
  page: number | null;
  heading_path: string[];
  token_count: number;
}

/** The version that answers, or the file that was not read. */
const DOCUMENTS = `
  select d.id, d.external_id, d.status, d.metadata, d.created_at, v.id as version_id,
         d.active_version_id is not null as published, v.title, v.file_name, v.mime, v.byte_size, v.sha256,
         v.file_key, v.language, v.page_count, v.page_starts, v.chunk_count
  from documents d join document_versions v on v.id = coalesce(d.active_version_id, d.latest_version_id)
  where d.collection_id = $1 and d.deleted_at is null`;

/** Everything about the documents of one collection; the caller has to have asked whether it may be read. */
@Injectable()
export class ExportRepository {
  constructor(private readonly source: DataSource) {}

  documents(collectionId: string, after: string, limit: number): Promise<ExportedDocumentRow[]> {
    return this.source.query<ExportedDocumentRow[]>(`${DOCUMENTS} and d.id > $2 order by d.id limit $3`, [
      collectionId,
      after,
      limit,
    ]);
  }

  /** Undefined where it was deleted or moved away. */
  async document(collectionId: string, id: string): Promise<ExportedDocumentRow | undefined> {
    const rows = await this.source.query<ExportedDocumentRow[]>(`${DOCUMENTS} and d.id = $2`, [
      collectionId,
      id,
    ]);
    return rows[0];
  }

  async text(versionId: string): Promise<string | null> {
    const rows = await this.source.query<{ text: string | null }[]>(
      'select text from document_versions where id = $1',
      [versionId],
    );
    return rows[0]?.text ?? null;
  }

  chunks(versionId: string, after: number, limit: number): Promise<ExportedChunkRow[]> {
    return this.source.query<ExportedChunkRow[]>(
      `select ordinal, text, search_text, char_start, char_end, page, heading_path, token_count from chunks
       where version_id = $1 and ordinal > $2 order by ordinal limit $3`,
      [versionId, after, limit],
    );
  }
}
