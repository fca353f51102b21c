import { AppError } from '../../common/errors/app-error.js';
import { isMetadata } from '../../common/http/validators.js';
import { MOST_PAGE_STARTS, type PageStarts } from '../../common/page-starts.js';
import { isStorableText } from '../../common/storable-text.js';
import { cleanFileName } from '../../common/clean-file-name.js';
import type { Metadata } from '../../documents/documents.types.js';

/** More than a line of an export has: its passages and parts are bounded. */
const MAX_LINE = 4 * 1024 * 1024;
/** UTF-16 units of a passage: a dozen times what is cut for the encoders there are. What is longer would hold one up. */
const MAX_PASSAGE = 32_768;
/** Of title, headings and table header in front of it. */
const MAX_PREFIX = 16_384;
/** Headings above a passage, and UTF-16 units of all of them. */
const MAX_HEADINGS = 1000;
const MAX_HEADING_PATH = 65_536;

const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?: *;[ -~]*)?$/;

export interface DocumentHead {
  doc_id: string;
  title: string | null;
  file_name: string | null;
  mime: string;
  metadata: Metadata;
  language: string | null;
  pages: number | null;
  page_starts: PageStarts | null;
  sha256: string;
  /** `lost`: it was a file, of which only the text is left. */
  original: 'text' | 'file' | 'lost';
  chunks: number;
}

export interface ChunkRecord {
  ordinal: number;
  text: string;
  search_text: string;
  char_start: number;
  char_end: number;
  page: number | null;
  heading_path: string[];
  token_count: number;
}

/** What else a line says is left out: a newer version may know more than this one. */
export type ImportRecord =
  | { type: 'collection' }
  | { type: 'document'; head: DocumentHead }
  | { type: 'text'; text: string }
  | { type: 'chunk'; chunk: ChunkRecord }
  | { type: 'bytes'; data: Buffer }
  | { type: 'end_document' | 'discard' }
  | { type: 'end'; documents: number };

export const refuse = (line: number, detail: string): AppError =>
  new AppError('validation_failed', `Line ${line} ${detail}.`, {
    errors: [{ field: `line ${line}`, code: 'import_line', detail }],
  });

/** The text of a line; some editors begin a file with a byte order mark. */
const textOf = (number: number, parts: readonly Buffer[]): string => {
  const text = Buffer.concat(parts).toString('utf8');
  return number === 1 ? text.replace(/^\uFEFF/, '') : text;
};

/** Lines of bytes as they come, without their ends. @throws AppError for one that is too long */
export async function* linesOf(
  content: AsyncIterable<Buffer>,
): AsyncGenerator<{ number: number; text: string }> {
  let number = 1;
  let open: Buffer[] = [];
  let size = 0;
  for await (const bytes of content) {
    let from = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      open.push(bytes.subarray(from, end));
      yield { number, text: textOf(number, open) };
      number++;
      open = [];
      size = 0;
      from = end + 1;
    }
    if (from < bytes.length) open.push(bytes.subarray(from));
    size += bytes.length - from;
    if (size > MAX_LINE) throw refuse(number, 'is too long');
  }
  if (size > 0) yield { number, text: textOf(number, open) };
}

const isText = (value: unknown, max: number): value is string =>
  typeof value === 'string' && value.length <= max && isStorableText(value);
const isTextOrNull = (value: unknown, max: number): value is string | null =>
  value === null || isText(value, max);
const isCount = (value: unknown, max = 2 ** 31 - 1): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max;
const isCountOrNull = (value: unknown): value is number | null => value === null || isCount(value);

/** In the order of the text; what lies behind its end is never asked for. */
const isPageStarts = (value: unknown): value is PageStarts =>
  Array.isArray(value) &&
  value.length <= MOST_PAGE_STARTS &&
  value.every(
    (entry: unknown, i) =>
      Array.isArray(entry) &&
      entry.length === 2 &&
      isCountOrNull(entry[0]) &&
      isCount(entry[1]) &&
      (i === 0 || entry[1] > (value[i - 1] as [unknown, number])[1]),
  );

/** What a line says, checked: an export may have been edited, or made by somebody else. */
export function readRecord(line: number, text: string): ImportRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse(line, 'is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse(line, 'is no object');
  const record = value as Record<string, unknown>;
  switch (record['type']) {
    case 'collection':
      if (record['format'] !== 1) throw refuse(line, 'is of a format that this version does not know');
      return { type: 'collection' };
    case 'document':
      return { type: 'document', head: readHead(line, record) };
    case 'text':
      if (!isText(record['text'], MAX_LINE)) throw refuse(line, 'has no usable text');
      return { type: 'text', text: record['text'] };
    case 'chunk':
      return { type: 'chunk', chunk: readChunk(line, record) };
    case 'bytes':
      if (typeof record['data'] !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(record['data']))
        throw refuse(line, 'holds no base64');
      return { type: 'bytes', data: Buffer.from(record['data'], 'base64') };
    case 'end_document':
    case 'discard':
      return { type: record['type'] };
    case 'end':
      if (!isCount(record['documents'])) throw refuse(line, 'does not say how many documents there are');
      return { type: 'end', documents: record['documents'] };
    default:
      throw refuse(line, 'is of no known type');
  }
}

function readHead(line: number, record: Record<string, unknown>): DocumentHead {
  const { doc_id, title = null, file_name = null, mime, language = null, pages = null } = record;
  const { page_starts = null, sha256, original, chunks } = record;
  // Exports of older versions have null where there is none.
  const metadata = record['metadata'] ?? {};
  if (!isText(doc_id, 512) || doc_id.trim() === '') throw refuse(line, 'has no usable doc_id');
  if (!isTextOrNull(title, 1000) || !isTextOrNull(file_name, 512))
    throw refuse(line, 'has no usable title or file_name');
  if (!isText(mime, 255) || !isTextOrNull(language, 8)) throw refuse(line, 'has no usable mime or language');
  if (!isMetadata(metadata)) throw refuse(line, 'has metadata out of bounds');
  if (!isCountOrNull(pages) || !isCount(chunks)) throw refuse(line, 'has no usable count of pages or chunks');
  // Exports of older versions have none.
  if (page_starts !== null && !isPageStarts(page_starts)) throw refuse(line, 'has no usable page_starts');
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256))
    throw refuse(line, 'has no usable sha256');
  if (original !== 'text' && original !== 'file' && original !== 'lost')
    throw refuse(line, 'has no usable original');
  return {
    doc_id,
    title,
    file_name: cleanFileName(file_name),
    mime: MEDIA_TYPE.test(mime) ? mime : 'application/octet-stream',
    metadata: metadata as Metadata,
    language,
    pages,
    page_starts,
    sha256,
    original,
    chunks,
  };
}

const isHeadingPath = (value: unknown): value is string[] =>
  Array.isArray(value) &&
  value.length <= MAX_HEADINGS &&
  value.every((heading) => isText(heading, MAX_HEADING_PATH)) &&
  value.reduce((sum, { length }) => sum + length, 0) <= MAX_HEADING_PATH;

function readChunk(line: number, record: Record<string, unknown>): ChunkRecord {
  const { ordinal, text, search_text, char_start, char_end, page = null, heading_path, token_count } = record;
  if (!isCount(ordinal) || !isCount(token_count) || !isCountOrNull(page))
    throw refuse(line, 'has no usable numbers');
  if (!isText(text, MAX_PASSAGE) || !isText(search_text, text.length + MAX_PREFIX))
    throw refuse(line, 'has no usable text');
  if (!isCount(char_start) || !isCount(char_end) || char_end <= char_start)
    throw refuse(line, 'has no usable span');
  if (!isHeadingPath(heading_path)) throw refuse(line, 'has no usable heading_path');
  return {
    ordinal,
    text,
    search_text,
    char_start,
    char_end,
    page,
    heading_path,
    token_count,
  };
}
