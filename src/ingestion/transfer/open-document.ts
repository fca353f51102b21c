import { randomUUID } from 'node:crypto';
import type { PassThrough } from 'node:stream';
import type { TextDraft } from '../../documents/documents.types.js';
import type { StoredFile } from '../../storage/storage.types.js';
import { MAX_EXTRACTED_LENGTH } from '../extract/text-builder.js';
import { refuse, type ChunkRecord, type DocumentHead } from './import-records.js';

const MAX_CHUNKS = 500_000;
/** UTF-16 units of all that stands in front of a document's passages, headings included: it is held until the end. */
const MAX_CONTEXT = 32 * 1024 * 1024;

/** A passage in which the words of the text are not repeated. */
interface OpenPassage extends Omit<ChunkRecord, 'text' | 'search_text'> {
  prefix: string;
}

/** What was read of a document whose end has not come. */
export interface OpenDocument {
  head: DocumentHead;
  parts: string[];
  textLength: number;
  /** The parts put together, from the first passage on. */
  text: string | undefined;
  passages: OpenPassage[];
  contextLength: number;
  file: OpenFile | undefined;
}

interface OpenFile {
  sink: PassThrough;
  stored: Promise<StoredFile>;
}

/** As its head says, with nothing of it read. */
export const beginDocument = (head: DocumentHead): OpenDocument => ({
  head,
  parts: [],
  textLength: 0,
  text: undefined,
  passages: [],
  contextLength: 0,
  file: undefined,
});

/** @throws AppError `validation_failed` with the number of the line, as `addPassage` */
export function addText(open: OpenDocument, text: string, line: number): void {
  if (open.text !== undefined) throw refuse(line, 'holds text after the first passage');
  open.textLength += text.length;
  if (open.textLength > MAX_EXTRACTED_LENGTH) throw refuse(line, 'makes the text of a document too long');
  open.parts.push(text);
}

/** All of it, once the first passage was asked for. */
export function textOf(open: OpenDocument): string {
  open.text ??= open.parts.splice(0).join('');
  return open.text;
}

/** A passage is a stretch of the text, and is found by its words and by what stands in front of them. */
export function addPassage(open: OpenDocument, chunk: ChunkRecord, line: number): void {
  const { text, search_text, ...rest } = chunk;
  if (chunk.ordinal !== open.passages.length || chunk.ordinal >= MAX_CHUNKS)
    throw refuse(line, 'is not the next passage');
  const { char_start, char_end } = chunk;
  if (char_end - char_start !== text.length || textOf(open).slice(char_start, char_end) !== text)
    throw refuse(line, 'holds a passage that is not in the text');
  if (!search_text.endsWith(text)) throw refuse(line, 'is found by other words than its own');
  const prefix = search_text.slice(0, search_text.length - text.length);
  open.contextLength += prefix.length + chunk.heading_path.reduce((sum, { length }) => sum + length, 0);
  if (open.contextLength > MAX_CONTEXT) throw refuse(line, 'makes the headings of a document too long');
  open.passages.push({ ...rest, prefix });
}

/** `stored`: the original, where it is a file. */
export function toDraft(
  open: OpenDocument,
  text: string,
  stored: StoredFile | undefined,
): Omit<TextDraft, 'documentId'> {
  const { head } = open;
  return {
    versionId: randomUUID(),
    externalId: head.doc_id,
    mime: head.mime,
    metadata: head.metadata,
    text,
    title: head.title,
    language: head.language,
    pages: head.pages,
    pageStarts: head.page_starts,
    ...(stored
      ? {
          original: {
            fileKey: stored.key,
            fileName: head.file_name,
            bytes: stored.bytes,
            sha256: stored.sha256,
          },
        }
      : {}),
    passages: open.passages.map((passage) => {
      const words = text.slice(passage.char_start, passage.char_end);
      return {
        id: randomUUID(),
        ordinal: passage.ordinal,
        text: words,
        searchText: passage.prefix + words,
        charStart: passage.char_start,
        charEnd: passage.char_end,
        page: passage.page,
        headingPath: passage.heading_path,
        tokenCount: passage.token_count,
      };
    }),
  };
}
