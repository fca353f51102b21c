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
  /**
   * Start of the row that names this row's columns, where the row itself does not: a passage that begins
   * below that row is searched with it in front.
   */
  headerStart?: number;
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

/** What is known of a file besides its bytes. Both come from whoever uploaded it and are only believed in doubt. */
export interface ExtractHints {
  fileName: string | null;
  /** Declared media type. */
  mime: string | null;
}

/**
 * Reads one format. Runs in the sandboxed child process and may throw anything: an `ExtractError` names the
 * reason, whatever else counts as an unexpected failure of this file.
 */
export type FormatExtractor = (
  bytes: Uint8Array,
  hints: ExtractHints,
) => ExtractedText | Promise<ExtractedText>;

export interface ExtractFailure {
  code: DocumentErrorCode;
  detail: string;
}

export type ExtractResult = { ok: true; value: ExtractedText } | { ok: false; failure: ExtractFailure };
