import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { CollectionsService } from '../../collections/collections.service.js';
import type { Caller } from '../../collections/collections.types.js';
import { AppError } from '../../common/errors/app-error.js';
import { NIL_UUID } from '../../common/nil-uuid.js';
import { atMostEach } from '../../common/resilience/at-most-each.js';
import { Places } from '../../common/resilience/places.js';
import { StorageService } from '../../storage/storage.service.js';
import { FileUnreadable } from '../../storage/storage.types.js';
import { ExportRepository, type ExportedDocumentRow } from './export.repository.js';

const EXPORT_FORMAT = 1;

const DOCUMENTS = 50;
const CHUNKS = 200;
const ASK_AGAIN_MS = 1000;
/** Times that a document is read which is replaced meanwhile, and the pause before each further one. */
const MOST_READS = 10;
const READ_AGAIN_MS = 100;
/** Of these, times that an original is read which breaks off: a connection may, and a disk that is broken always does. */
const MOST_BREAKS = 3;
/** UTF-16 units of a text, and bytes of a file, in one line. A multiple of three: base64 without padding inside. */
const TEXT_PART = 100_000;
const BYTES_PART = 192 * 1024;

type Line = Record<string, unknown> & { type: string };
/** Why a document goes out without its file. */
type Lost = 'missing' | 'unreadable';
/**
 * `missing`: its file is gone, so either the document is another one by now, or the file will not come back.
 * `unreadable`: the store refuses this file. `broken`: reading it ended too early, or gave other bytes than were stored.
 */
type Outcome = 'whole' | 'changed' | 'broken' | Lost;

/** Writes a collection out as lines of JSON (docs/transfer.md), as it is read: nothing is held but one document's text. */
@Injectable()
export class ExportService {
  /** Each holds a document's text for as long as its reader takes. */
  private readonly places = new Places(
    { ofAUser: 3, atOnce: 20 },
    { detail: 'Too many exports are running. Try again when one has ended.', retryAfter: 10 },
  );

  constructor(
    private readonly repository: ExportRepository,
    private readonly collections: CollectionsService,
    private readonly storage: StorageService,
  ) {}

  /**
   * `mayGoOn` says whether the caller's session or key is still good. `leave` is to be called when the reader has all, or is gone.
   * @throws AppError `not_found` for a collection that may not be read, before anything is written; `too_many_requests`
   */
  async open(
    caller: Caller,
    collectionId: string,
    mayGoOn: () => Promise<boolean>,
  ): Promise<{ name: string; lines: AsyncGenerator<string>; leave: () => void }> {
    const { name, description } = await this.collections.require(caller, collectionId, 'read');
    const leave = this.places.take(caller.id);
    // An export may take long: who may not read any more gets no more.
    const stillReadable = atMostEach(ASK_AGAIN_MS, async () => {
      if (!(await mayGoOn())) throw new AppError('unauthenticated', 'The session or key has ended.');
      await this.collections.require(caller, collectionId, 'read');
    });
    return { name, lines: this.written(collectionId, { name, description }, stillReadable), leave };
  }

  private async *written(
    collectionId: string,
    about: { name: string; description: string | null },
    stillReadable: () => Promise<void>,
  ): AsyncGenerator<string> {
    for await (const line of this.lines(collectionId, about)) {
      await stillReadable();
      yield toLine(line);
    }
  }

  private async *lines(
    collectionId: string,
    about: { name: string; description: string | null },
  ): AsyncGenerator<Line> {
    yield {
      type: 'collection',
      format: EXPORT_FORMAT,
      ...about,
      exported_at: new Date().toISOString(),
    };
    let documents = 0;
    const lost: Record<Lost, number> = { missing: 0, unreadable: 0 };
    const leftOut: string[] = [];
    for (let after = NIL_UUID; ;) {
      const rows = await this.repository.documents(collectionId, after, DOCUMENTS);
      for (const row of rows) {
        const outcome = yield* this.settled(collectionId, row);
        if (outcome === 'changing') leftOut.push(row.external_id);
        else if (outcome !== 'gone') documents++;
        if (outcome === 'missing' || outcome === 'unreadable') lost[outcome]++;
        after = row.id;
      }
      if (rows.length < DOCUMENTS) break;
    }
    yield {
      type: 'end',
      documents,
      ...(lost.missing > 0 ? { originals_missing: lost.missing } : {}),
      ...(lost.unreadable > 0 ? { originals_unreadable: lost.unreadable } : {}),
      ...(leftOut.length > 0 ? { left_out: leftOut } : {}),
    };
  }

  /**
   * A document as it is at some moment: read again where it was replaced meanwhile, or its file could not be read.
   * @returns `whole`, or why its file is not with it
   */
  private async *settled(
    collectionId: string,
    row: ExportedDocumentRow,
  ): AsyncGenerator<Line, 'whole' | Lost | 'gone' | 'changing'> {
    let read: ExportedDocumentRow | undefined = row;
    let lost: Lost | undefined;
    let breaks = 0;
    for (let reads = 1; read; reads++) {
      const outcome: Outcome = yield* this.document(read, lost);
      if (outcome === 'whole') return lost ?? 'whole';
      yield { type: 'discard' };
      if (reads === MOST_READS) return 'changing';
      const now = await this.repository.document(collectionId, row.id);
      // Bytes are taken away behind the version that they belong to: where that still stands, nobody took them.
      const stands = now?.version_id === read.version_id;
      breaks = stands && outcome === 'broken' ? breaks + 1 : 0;
      lost = stands ? reasonOf(outcome, breaks) : undefined;
      if (!lost && now) await sleep(READ_AGAIN_MS * reads);
      read = now;
    }
    return 'gone';
  }

  private async *document(row: ExportedDocumentRow, lost: Lost | undefined): AsyncGenerator<Line, Outcome> {
    yield {
      type: 'document',
      doc_id: row.external_id,
      title: row.title,
      file_name: row.file_name,
      mime: row.mime,
      metadata: row.metadata,
      language: row.language,
      pages: row.page_count,
      ...(row.published && row.page_starts ? { page_starts: row.page_starts } : {}),
      status: row.status,
      bytes: Number(row.byte_size),
      sha256: row.sha256.toString('hex'),
      original: row.file_key === null ? 'text' : lost ? 'lost' : 'file',
      ...(lost ? { lost } : {}),
      chunks: row.published ? row.chunk_count : 0,
      created_at: row.created_at.toISOString(),
    };
    if (row.published) {
      const text = await this.repository.text(row.version_id);
      let chunks = 0;
      if (text !== null) for (const part of partsOf(text)) yield { type: 'text', text: part };
      for (let after = -1; ;) {
        const page = await this.repository.chunks(row.version_id, after, CHUNKS);
        for (const chunk of page) yield { type: 'chunk', ...chunk };
        chunks += page.length;
        after = page.at(-1)?.ordinal ?? after;
        if (page.length < CHUNKS) break;
      }
      // It was replaced while it was read, and what it was is gone.
      if (text === null || chunks !== row.chunk_count) return 'changed';
    }
    if (row.file_key !== null && !lost) {
      const failure = yield* this.original(row.file_key, row.sha256);
      if (failure) return failure;
    }
    yield { type: 'end_document' };
    return 'whole';
  }

  /**
   * The bytes of one file. @returns what is wrong with this file, if anything is
   * @throws AppError `file_store_unavailable` where the whole store does not answer: the export ends without its end
   */
  private async *original(key: string, sha256: Buffer): AsyncGenerator<Line, 'broken' | Lost | undefined> {
    const hash = createHash('sha256');
    try {
      for await (const part of partsOfFile(await this.storage.get(key))) {
        hash.update(part);
        yield { type: 'bytes', data: part.toString('base64') };
      }
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') return 'missing';
      await this.storage.ping();
      return error instanceof FileUnreadable ? 'unreadable' : 'broken';
    }
    // What came out other than it went in would end the import of everything.
    return hash.digest().equals(sha256) ? undefined : 'broken';
  }
}

/** Undefined where another look may find it whole. */
function reasonOf(outcome: Outcome, breaks: number): Lost | undefined {
  if (outcome === 'missing' || outcome === 'unreadable') return outcome;
  return breaks >= MOST_BREAKS ? 'unreadable' : undefined;
}

async function* partsOfFile(content: Readable): AsyncGenerator<Buffer> {
  let pending: Buffer[] = [];
  let size = 0;
  for await (const chunk of content) {
    pending.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size < BYTES_PART) continue;
    const all = Buffer.concat(pending);
    const whole = all.length - (all.length % BYTES_PART);
    for (let at = 0; at < whole; at += BYTES_PART) yield all.subarray(at, at + BYTES_PART);
    pending = [all.subarray(whole)];
    size = all.length - whole;
  }
  if (size > 0) yield Buffer.concat(pending);
}

const toLine = (line: Line): string => `${JSON.stringify(line)}\n`;

/** Cut between characters, never inside one. */
function* partsOf(text: string): Generator<string> {
  for (let at = 0; at < text.length;) {
    let end = Math.min(text.length, at + TEXT_PART);
    const last = text.charCodeAt(end - 1);
    if (end < text.length && last >= 0xd800 && last <= 0xdbff) end--;
    yield text.slice(at, end);
    at = end;
  }
}
