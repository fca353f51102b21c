import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { CollectionsService } from '../../collections/collections.service.js';
import type { Caller } from '../../collections/collections.types.js';
import { AppError } from '../../common/errors/app-error.js';
import { atMostEach } from '../../common/resilience/at-most-each.js';
import { Places } from '../../common/resilience/places.js';
import { DocumentRestoreService } from '../../documents/intake/document-restore.service.js';
import type { StoredFile } from '../../storage/storage.types.js';
import { TextIngestionService } from '../texts/text-ingestion.service.js';
import { linesOf, readRecord, refuse } from './import-records.js';
import { addPassage, addText, beginDocument, textOf, toDraft, type OpenDocument } from './open-document.js';

const ASK_AGAIN_MS = 1000;

export interface Imported {
  documents: number;
  /** Of these, files that had not been read when they were exported: they are read now. */
  unread: number;
  /** Documents of which there is neither a text nor a file any more; not counted above. */
  empty: number;
  chunks: number;
}

/** Brings an export back: texts, passages and originals as they were, one document after the other. */
@Injectable()
export class ImportService {
  /** Each may hold a whole document. */
  private readonly places = new Places(
    { ofAUser: 2, atOnce: 8 },
    { detail: 'Too many imports are running. Try again when one has ended.', retryAfter: 10 },
  );

  constructor(
    private readonly collections: CollectionsService,
    private readonly restore: DocumentRestoreService,
    private readonly texts: TextIngestionService,
  ) {}

  /**
   * Documents whose `doc_id` exists are replaced. What came before a line that cannot be read stays, and so does what
   * came before the right to write ended, or the session or key, of which `mayGoOn` tells.
   * @throws AppError `validation_failed` with the number of the line, `not_found`, `forbidden`, `unauthenticated`,
   * `quota_exceeded`, `too_many_requests`
   */
  async import(
    caller: Caller,
    collectionId: string,
    content: AsyncIterable<Buffer>,
    mayGoOn: () => Promise<boolean>,
  ): Promise<Imported> {
    await this.collections.require(caller, collectionId, 'write');
    const release = this.places.take(caller.id);
    try {
      const stillWritable = atMostEach(ASK_AGAIN_MS, async () => {
        if (!(await mayGoOn())) throw new AppError('unauthenticated', 'The session or key has ended.');
        await this.collections.require(caller, collectionId, 'write');
      });
      return await this.read(caller, collectionId, content, stillWritable);
    } finally {
      release();
    }
  }

  private async read(
    caller: Caller,
    collectionId: string,
    content: AsyncIterable<Buffer>,
    stillWritable: () => Promise<void>,
  ): Promise<Imported> {
    const done: Imported = { documents: 0, unread: 0, empty: 0, chunks: 0 };
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
            open = beginDocument(record.head);
            break;
          case 'text':
            addText(open!, record.text, line);
            break;
          case 'chunk':
            addPassage(open!, record.chunk, line);
            break;
          case 'bytes':
            await stillWritable();
            await this.write(caller, open!, record.data);
            break;
          case 'discard':
            await this.abandon(open);
            open = undefined;
            break;
          case 'end_document': {
            const whole = open!;
            await stillWritable();
            await this.finish(caller, collectionId, whole, line);
            open = undefined;
            count(done, whole);
            break;
          }
          case 'end':
            if (record.documents !== done.documents + done.empty)
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
    const { head, file, passages } = open;
    if (passages.length !== head.chunks)
      throw refuse(line, `ends a document with ${passages.length} of ${head.chunks} passages`);
    if ((file !== undefined) !== (head.original === 'file'))
      throw refuse(line, 'ends a document without its original');
    const text = textOf(open);
    if (head.original === 'lost') return this.publishLost(caller, collectionId, open);
    file?.sink.end();
    const stored = await file?.stored;
    const digest = stored ? stored.sha256.toString('hex') : createHash('sha256').update(text).digest('hex');
    if (digest !== head.sha256) throw refuse(line, 'ends a document that is not what its sha256 says');
    if (stored) this.restore.requireFresh(stored);
    if (!stored && passages.length === 0) throw refuse(line, 'ends a text without passages');
    try {
      if (stored && passages.length === 0)
        await this.restore.acceptUnread(caller.id, collectionId, stored, head);
      else await this.texts.publishDrafts({ collectionId, userId: caller.id }, [toDraft(open, text, stored)]);
    } catch (error) {
      if (this.restore.mayOwn(error)) this.handOver(open, stored);
      throw error;
    }
    this.handOver(open, stored);
  }

  /** The bytes belong to the document now, or may: what turns out to be nobody's is found later. */
  private handOver(open: OpenDocument, stored: StoredFile | undefined): void {
    if (stored) this.restore.settle(stored);
    open.file = undefined;
  }

  /** Its text is all that is left of it, and becomes what it is: there are no bytes that its hash could speak of. */
  private async publishLost(caller: Caller, collectionId: string, open: OpenDocument): Promise<void> {
    if (open.passages.length === 0) return;
    const draft = toDraft(open, textOf(open), undefined);
    const title = draft.title ?? open.head.file_name;
    await this.texts.publishDrafts({ collectionId, userId: caller.id }, [
      { ...draft, title, mime: 'text/plain' },
    ]);
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

function count(done: Imported, { head, passages }: OpenDocument): void {
  if (passages.length === 0 && head.original === 'lost') return void done.empty++;
  done.documents++;
  done.chunks += passages.length;
  if (passages.length === 0) done.unread++;
}
