import type { DocumentErrorCode } from '../../common/errors/error-table.js';

/** A stretch of the extracted text that belongs together. Offsets are UTF-16 code units, end exclusive. */
export interface TextBlock {
  kind: 'heading' | 'paragraph' | 'list_item' | 'table_row' | 'code';
  start: number;
  end: number;
  /** 1 to 6, headings only. */
  level?: number;
  /** 1-based; documents with pages only. */
  page?: number;
}

/** What reading a file gives: the text that citations point into, and its structure. */
export interface ExtractedText {
  text: string;
  /** In order, not overlapping; together they cover all that is worth finding. */
  blocks: TextBlock[];
  title: string | null;
  mime: string;
  /** ISO 639-1 code where the file names one. */
  language?: string | undefined;
  pages: number | null;
}

export interface ExtractFailure {
  code: DocumentErrorCode;
  detail: string;
}
