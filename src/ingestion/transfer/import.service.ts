import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { CollectionsService } from '../../collections/collections.service.js';
import type { Caller } from '../../collections/collections.types.js';
import { DocumentRestoreService } from '../../documents/document-restore.service.js';
import type { TextDraft } from '../../documents/documents.types.js';
import type { StoredFile } from '../../storage/storage.types.js';
import { TextIngestionService } from '../text-ingestion.service.js';
import { linesOf, readRecord, refuse, type ChunkRecord, type DocumentHead } from './import-records.js';

/** UTF-16 units of one document's text. */
const MAX_TEXT = 64 * 1024 * 1024;
const MAX_CHUNKS = 500_000;

export interface Imported {
  documents: number;
  /** Of these, files that had not been read when they were exported: they are read now. */
  unread: number;
  chunks: number;
}

interface OpenDocument {
  head: DocumentHead;
  text: string[];
  textLength: number;
  chunks: ChunkRecord[];
  file: OpenFile | undefined;
}

interface OpenFile {
  sink: PassThrough;
  stored: Promise<StoredFile>;
}

/** Brings an export back: texts, passages and originals as they were, one document after the other. */
@Injectable()
export class ImportService {
  constructor(
    private readonly collections: CollectionsService,
    private readonly restore: DocumentRestoreService,
    private readonly texts: TextIngestionService,
  ) {}

  /**
   * Documents whose `doc_id` exists are replaced. What came before a line that cannot be read stays.
   * @throws AppError `validation_failed` with the number of the line, `not_found`, `forbidden`, `quota_exceeded`
   */
  async import(caller: Caller, collectionId: string, content: Readable): Promise<Imported> {
    await this.collections.require(caller, collectionId, 'write');
    const done: Imported = { documents: 0, unread: 0, chunks: 0 };
    let open: OpenDocument | undefined;
    let line = 0;
    let began = false;
    let ended = false;
    try {
      for await (const { number, text } of linesOf(content)) {
        line = number;
        if (text === '') continue;
        if (ended) throw refuse(line, 'comes after the end');
        const record = readRecord(line, text);
        if (!began && record.type !== 'collection') throw refuse(line, 'should tell of the collection');
        if (open === undefined && ['text', 'chunk', 'bytes', 'end_document', 'discard'].includes(record.type))
          throw refuse(line, 'belongs to no document');
        if (open !== undefined && ['document', 'end', 'collection'].includes(record.type))
          throw refuse(line, 'comes before the end of a document');
        switch (record.type) {
          case 'collection':
            began = true;
            break;
          case 'document':
            open = { head: record.head, text: [], textLength: 0, chunks: [], file: undefined };
            break;
          case 'text':
            add(open!, record.text, line);
            break;
          case 'chunk':
            if (record.chunk.ordinal !== open!.chunks.length || open!.chunks.length >= MAX_CHUNKS)
              throw refuse(line, 'is not the next passage');
            open!.chunks.push(record.chunk);
            break;
          case 'bytes':
            await this.write(caller, open!, record.data);
            break;
          case 'discard':
            await this.abandon(open);
            open = undefined;
            break;
          case 'end_document': {
            const whole = open!;
            await this.finish(caller, collectionId, whole, line);
            open = undefined;
            done.documents++;
            done.chunks += whole.chunks.length;
            if (whole.chunks.length === 0) done.unread++;
            break;
          }
          case 'end':
            if (record.documents !== done.documents)
              throw refuse(line, 'counts other documents than there were');
            ended = true;
        }
      }
      if (!ended)
        throw refuse(line + 1, `is missing: the export was cut off; ${done.documents} documents are in`);
      return done;
    } finally {
      await this.abandon(open);
    }
  }

  private async write(caller: Caller, open: OpenDocument, data: Buffer): Promise<void> {
    if (!open.file) {
      const sink = new PassThrough({ highWaterMark: 1024 * 1024 });
      const stored = this.restore.store(caller.id, sink);
      // Told when the document ends, or at once by the wait below.
      stored.catch((error: unknown) => sink.destroy(error as Error));
      sink.on('error', () => undefined);
      open.file = { sink, stored };
    }
    const { sink, stored } = open.file;
    if (sink.destroyed) await stored;
    if (!sink.write(data)) await Promise.race([once(sink, 'drain'), stored]);
  }

  private async finish(
    caller: Caller,
    collectionId: string,
    open: OpenDocument,
    line: number,
  ): Promise<void> {
    const { head, file, chunks } = open;
    if (chunks.length !== head.chunks)
      throw refuse(line, `ends a document with ${chunks.length} of ${head.chunks} passages`);
    if ((file !== undefined) !== (head.original === 'file'))
      throw refuse(line, 'ends a document without its original');
    const text = open.text.join('');
    const last = chunks.reduce((end, chunk) => Math.max(end, chunk.char_end), 0);
    if (last > text.length) throw refuse(line, 'ends a document whose passages are not in its text');
    file?.sink.end();
    const stored = await file?.stored;
    const digest = stored ? stored.sha256.toString('hex') : createHash('sha256').update(text).digest('hex');
    if (digest !== head.sha256) throw refuse(line, 'ends a document that is not what its sha256 says');
    if (stored && chunks.length === 0) {
      await this.restore.acceptUnread(caller.id, collectionId, stored, head);
    } else {
      if (chunks.length === 0) throw refuse(line, 'ends a text without passages');
      await this.texts.publishDrafts({ collectionId, userId: caller.id }, [toDraft(open, text, stored)]);
    }
    // The bytes belong to the document now.
    open.file = undefined;
  }

  /** What nobody owns must not stay in the store. */
  private async abandon(open: OpenDocument | undefined): Promise<void> {
    if (!open?.file) return;
    const { sink, stored } = open.file;
    sink.destroy(new Error('the import ended'));
    const left = await stored.catch(() => undefined);
    if (left) await this.restore.discard(left).catch(() => undefined);
  }
}

function add(open: OpenDocument, text: string, line: number): void {
  open.textLength += text.length;
  if (open.textLength > MAX_TEXT) throw refuse(line, 'makes the text of a document too long');
  open.text.push(text);
}

function toDraft(
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
    passages: open.chunks.map((chunk) => ({
      id: randomUUID(),
      ordinal: chunk.ordinal,
      text: chunk.text,
      searchText: chunk.search_text,
      charStart: chunk.char_start,
      charEnd: chunk.char_end,
      page: chunk.page,
      headingPath: chunk.heading_path,
      tokenCount: chunk.token_count,
    })),
  };
}
