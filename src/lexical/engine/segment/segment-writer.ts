import { UUID_BYTES } from '../../../common/search/uuid-bytes.js';
import { ByteWriter, uuidOrder } from './bytes.js';
import { HEADER_WORDS, sections, writeHeader, type SegmentShape } from './segment.js';

export interface ChunkEntry {
  id: Uint8Array;
  bodyLength: number;
  headingLength: number;
  /** Neighbouring terms of the body. */
  pairs: Uint16Array;
}

export interface DocumentEntry {
  documentId: Uint8Array;
  versionId: Uint8Array;
  collectionId: Uint8Array;
  titleLength: number;
  nameLength: number;
  /** Neighbouring terms of the title, then of the file's name. */
  headPairs: Uint16Array;
}

/** Ordinals, ascending, each followed by its frequency: `[ordinal, frequency, ordinal, frequency, ...]`. */
export type PostingList = readonly number[];

/** By documents for names and titles, by chunks for bodies and headings. */
export interface TermPostings {
  name?: PostingList;
  body?: PostingList;
  heading?: PostingList;
  title?: PostingList;
}

const NONE: PostingList = [];

/** Builds a segment: documents with their chunks in any order, then terms in the order of their bytes. */
export class SegmentWriter {
  private readonly collections = new Map<string, number>();
  private readonly documentCollection: number[] = [];
  private readonly titleLength: number[] = [];
  private readonly nameLength: number[] = [];
  private readonly firstChunk: number[] = [];
  private readonly bodyLength: number[] = [];
  private readonly headingLength: number[] = [];
  private readonly documentIds = new ByteWriter();
  private readonly versionIds = new ByteWriter();
  private readonly chunkIds = new ByteWriter();
  private readonly collectionIds = new ByteWriter(64);
  private readonly termStart: number[] = [0];
  private readonly terms = new ByteWriter();
  private readonly pairs = new ByteWriter();
  private readonly postingStart: number[] = [0];
  private readonly postings = new ByteWriter();

  get chunks(): number {
    return this.bodyLength.length;
  }

  get documents(): number {
    return this.titleLength.length;
  }

  addDocument(document: DocumentEntry): void {
    const key = Buffer.from(document.collectionId).toString('latin1');
    let collection = this.collections.get(key);
    if (collection === undefined) {
      collection = this.collections.size;
      this.collections.set(key, collection);
      this.collectionIds.append(document.collectionId);
    }
    this.documentCollection.push(collection);
    this.titleLength.push(document.titleLength);
    this.nameLength.push(document.nameLength);
    this.firstChunk.push(this.chunks);
    this.documentIds.append(document.documentId);
    this.versionIds.append(document.versionId);
    this.pairs.append(bytesOf(document.headPairs));
  }

  /** Adds a chunk to the document added last. */
  addChunk(chunk: ChunkEntry): void {
    this.chunkIds.append(chunk.id);
    this.bodyLength.push(chunk.bodyLength);
    this.headingLength.push(chunk.headingLength);
    this.pairs.append(bytesOf(chunk.pairs));
  }

  addTerm(term: Uint8Array, { name, body, heading, title }: TermPostings): void {
    this.terms.append(term);
    this.termStart.push(this.terms.length);
    for (const list of [name, body, heading, title]) this.addList(list ?? NONE);
    this.postingStart.push(this.postings.length);
  }

  private addList(list: PostingList): void {
    this.postings.varint(list.length / 2);
    let previous = 0;
    for (let i = 0; i < list.length; i += 2) {
      const frequency = list[i + 1]!;
      this.postings.varint(((list[i]! - previous) << 1) | (frequency === 1 ? 1 : 0));
      if (frequency !== 1) this.postings.varint(frequency);
      previous = list[i]!;
    }
  }

  finish(languages: Iterable<string>): ArrayBuffer {
    const languageBytes = Buffer.from([...new Set(languages)].sort().join(' '), 'latin1');
    const shape: SegmentShape = {
      documents: this.documents,
      chunks: this.chunks,
      collections: this.collections.size,
      terms: this.termStart.length - 1,
      termBytes: this.terms.length,
      postingBytes: this.postings.length,
      languageBytes: languageBytes.length,
      pairs: this.pairs.length / 2,
    };
    const at = sections(shape);
    const buffer = new ArrayBuffer(at.end);
    const words = (start: number, values: ArrayLike<number>) =>
      new Uint32Array(buffer, start, values.length).set(values);
    const bytes = (start: number, values: Uint8Array) =>
      new Uint8Array(buffer, start, values.length).set(values);
    const order = (ids: ByteWriter) => uuidOrder(ids.written(), ids.length / UUID_BYTES);

    writeHeader(new Uint32Array(buffer, 0, HEADER_WORDS), shape);
    words(at.documentCollection, this.documentCollection);
    words(at.titleLength, this.titleLength);
    words(at.nameLength, this.nameLength);
    words(at.firstChunk, [...this.firstChunk, this.chunks]);
    words(at.byDocument, order(this.documentIds));
    words(at.byVersion, order(this.versionIds));
    words(at.bodyLength, this.bodyLength);
    words(at.headingLength, this.headingLength);
    words(at.byChunk, order(this.chunkIds));
    words(at.termStart, this.termStart);
    words(at.postingStart, this.postingStart);
    bytes(at.pairs, this.pairs.written());
    bytes(at.documentIds, this.documentIds.written());
    bytes(at.versionIds, this.versionIds.written());
    bytes(at.chunkIds, this.chunkIds.written());
    bytes(at.collectionIds, this.collectionIds.written());
    bytes(at.terms, this.terms.written());
    bytes(at.postings, this.postings.written());
    bytes(at.languages, languageBytes);
    return buffer;
  }
}

const bytesOf = (pairs: Uint16Array): Uint8Array =>
  new Uint8Array(pairs.buffer, pairs.byteOffset, pairs.byteLength);
