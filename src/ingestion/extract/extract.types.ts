import type { DocumentErrorCode } from '../../common/errors/error-table.js';

/** A stretch of the extracted text that belongs together. Offsets are UTF-16 code units, end exclusive. */
export interface TextBlock {
  kind: 'heading' | 'paragraph' | 'list_item' | 'table_row' | 'code';
  start: number;
  end: number;
  /** 1 to 6, headings only. */
  level?: number;
  /** Number of the page, slide or sheet, from 1; documents that have them only. */
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
  /** Pages, slides or sheets, for formats that have them. */
  pages: number | null;
}

/** A file inside another one, which becomes a document of its own. */
export interface InnerFile {
  /** Where it stands in the outer file: parts joined by `/`, clean enough to be shown, never a path to write to. */
  name: string;
  /** Declared media type. */
  mime: string | null;
  bytes: Uint8Array;
}

/** What a format's reader gives. */
export interface ReadFormat extends ExtractedText {
  /** Made one at a time, because together they may be large. */
  files?: AsyncIterable<InnerFile> | Iterable<InnerFile>;
}

/** How files may be read, from the configuration. */
export interface ExtractOptions {
  /** Codes of the languages of text recognition; none switches it off. */
  ocrLanguages: readonly string[];
}

/** Pages of a file that are done with, of how many. */
export interface PageCount {
  done: number;
  total: number;
}

/**
 * Told by readers of pages after each. `slow` is a page whose text had to be recognised, after which the time for the
 * next one begins anew.
 */
export type Progress = (pages: PageCount, slow: boolean) => void;

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
  options: ExtractOptions,
  progress: Progress,
) => ReadFormat | Promise<ReadFormat>;

export interface ExtractFailure {
  code: DocumentErrorCode;
  detail: string;
}

/** A file that was inside the one that was read, in the folder given for such files. */
export interface ReceivedFile {
  name: string;
  mime: string | null;
  path: string;
  size: number;
}

export type ExtractResult =
  { ok: true; value: ExtractedText; files: ReceivedFile[] } | { ok: false; failure: ExtractFailure };
