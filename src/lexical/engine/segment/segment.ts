import { UUID_BYTES } from '../../../common/search/uuid-bytes.js';
import { uuidLowerBound } from './bytes.js';

const MAGIC = 0x4c5847;
/**
 * Of the format and of everything that decides which terms a text has: the analysis, the stemmers, the fields.
 * Raise it with any change of these; segments of an older version are then made anew from `chunks`.
 */
export const SEGMENT_VERSION = 9;
export const HEADER_WORDS = 10;
/** As many bytes as a number holds exactly. */
export const PREFIX_BYTES = 6;

/** One in so many terms has its beginning in an array of its own: looking a term up touches little memory. */
const SAMPLED = 64;

/** Sizes that a segment's header holds; they determine where every section starts. */
export interface SegmentShape {
  documents: number;
  chunks: number;
  collections: number;
  terms: number;
  termBytes: number;
  postingBytes: number;
  languageBytes: number;
  /** Neighbouring words of all titles, file names and passages. */
  pairs: number;
}

/** Byte offset of each section, in file order: 32-bit columns first, so that all are aligned. */
export function sections(shape: SegmentShape) {
  let offset = HEADER_WORDS * 4;
  const take = (bytes: number): number => {
    const start = offset;
    offset += bytes;
    return start;
  };
  return {
    documentCollection: take(shape.documents * 4),
    titleLength: take(shape.documents * 4),
    nameLength: take(shape.documents * 4),
    firstChunk: take((shape.documents + 1) * 4),
    byDocument: take(shape.documents * 4),
    byVersion: take(shape.documents * 4),
    bodyLength: take(shape.chunks * 4),
    headingLength: take(shape.chunks * 4),
    byChunk: take(shape.chunks * 4),
    termStart: take((shape.terms + 1) * 4),
    postingStart: take((shape.terms + 1) * 4),
    pairs: take(shape.pairs * 2),
    documentIds: take(shape.documents * UUID_BYTES),
    versionIds: take(shape.documents * UUID_BYTES),
    chunkIds: take(shape.chunks * UUID_BYTES),
    collectionIds: take(shape.collections * UUID_BYTES),
    terms: take(shape.termBytes),
    postings: take(shape.postingBytes),
    languages: take(shape.languageBytes),
    end: offset,
  };
}

export function writeHeader(header: Uint32Array, shape: SegmentShape): void {
  header.set([
    MAGIC,
    SEGMENT_VERSION,
    shape.documents,
    shape.chunks,
    shape.collections,
    shape.terms,
    shape.termBytes,
    shape.postingBytes,
    shape.languageBytes,
    shape.pairs,
  ]);
}

/** Whether a buffer is a whole segment of an earlier or later version, by its first words. */
export function isOfAnotherVersion(buffer: ArrayBuffer): boolean {
  if (buffer.byteLength < HEADER_WORDS * 4) return false;
  const [magic, version] = new Uint32Array(buffer, 0, 2);
  return magic === MAGIC && version !== SEGMENT_VERSION;
}

/**
 * An immutable piece of the index: typed arrays over one buffer, the same in the database and in memory.
 * Terms are sorted by their UTF-8 bytes. The postings of a term are four lists, each a count and then gaps
 * with frequencies: documents whose file is found by it, chunks that hold it in their body, chunks under a heading
 * that holds it, documents whose title holds it. Chunks of a document are consecutive. Beside the postings
 * stands, document by document, the number of each pair of neighbouring terms in its title, in the name of its file
 * and then in its chunks: as many as terms, less one each.
 */
export class Segment {
  readonly documents: number;
  readonly chunks: number;
  readonly terms: number;
  readonly documentCollection: Uint32Array;
  readonly titleLength: Uint32Array;
  /** Terms of the file's name as it is written, which its pairs are of; 0 where there is no file. */
  readonly nameLength: Uint32Array;
  readonly firstChunk: Uint32Array;
  readonly byDocument: Uint32Array;
  readonly byVersion: Uint32Array;
  readonly bodyLength: Uint32Array;
  readonly headingLength: Uint32Array;
  readonly byChunk: Uint32Array;
  readonly documentIds: Uint8Array;
  readonly versionIds: Uint8Array;
  readonly chunkIds: Uint8Array;
  readonly collectionIds: Uint8Array;
  readonly postings: Uint8Array;
  readonly pairs: Uint16Array;
  /** Where the pairs of a document start, and at the end where they end. */
  readonly firstPair: Uint32Array;
  readonly languages: readonly string[];
  private readonly termStart: Uint32Array;
  private readonly postingStart: Uint32Array;
  private readonly termBytes: Uint8Array;
  /** `termPrefix` of every `SAMPLED`th term. */
  private readonly sample: Float64Array;

  /** @throws Error when the buffer is not a segment. */
  constructor(readonly buffer: ArrayBuffer) {
    if (buffer.byteLength < HEADER_WORDS * 4) throw new Error('segment is too short');
    const [magic, version, ...sizes] = new Uint32Array(buffer, 0, HEADER_WORDS) as unknown as Header;
    if (magic !== MAGIC || version !== SEGMENT_VERSION) throw new Error('segment has another format');
    const [documents, chunks, collections, terms, termBytes, postingBytes, languageBytes, pairs] = sizes;
    const at = sections({
      documents,
      chunks,
      collections,
      terms,
      termBytes,
      postingBytes,
      languageBytes,
      pairs,
    });
    if (at.end !== buffer.byteLength) throw new Error('segment has the wrong length');
    const words = (start: number, length: number) => new Uint32Array(buffer, start, length);
    const bytes = (start: number, length: number) => new Uint8Array(buffer, start, length);
    this.documents = documents;
    this.chunks = chunks;
    this.terms = terms;
    this.documentCollection = words(at.documentCollection, documents);
    this.titleLength = words(at.titleLength, documents);
    this.nameLength = words(at.nameLength, documents);
    this.firstChunk = words(at.firstChunk, documents + 1);
    this.byDocument = words(at.byDocument, documents);
    this.byVersion = words(at.byVersion, documents);
    this.bodyLength = words(at.bodyLength, chunks);
    this.headingLength = words(at.headingLength, chunks);
    this.byChunk = words(at.byChunk, chunks);
    this.termStart = words(at.termStart, terms + 1);
    this.postingStart = words(at.postingStart, terms + 1);
    this.documentIds = bytes(at.documentIds, documents * UUID_BYTES);
    this.versionIds = bytes(at.versionIds, documents * UUID_BYTES);
    this.chunkIds = bytes(at.chunkIds, chunks * UUID_BYTES);
    this.collectionIds = bytes(at.collectionIds, collections * UUID_BYTES);
    this.termBytes = bytes(at.terms, termBytes);
    this.postings = bytes(at.postings, postingBytes);
    this.pairs = new Uint16Array(buffer, at.pairs, pairs);
    this.sample = Float64Array.from({ length: Math.ceil(terms / SAMPLED) }, (_, i) =>
      this.termPrefix(i * SAMPLED),
    );
    this.firstPair = this.countPairs();
    if (this.firstPair[documents] !== pairs) throw new Error('segment has the wrong number of pairs');
    const languages = Buffer.from(buffer, at.languages, languageBytes).toString('latin1');
    this.languages = languages === '' ? [] : languages.split(' ');
  }

  private countPairs(): Uint32Array {
    const first = new Uint32Array(this.documents + 1);
    let at = 0;
    for (let document = 0; document < this.documents; document++) {
      at += this.headPairs(document);
      for (let chunk = this.firstChunk[document]!; chunk < this.firstChunk[document + 1]!; chunk++)
        at += Math.max(0, this.bodyLength[chunk]! - 1);
      first[document + 1] = at;
    }
    return first;
  }

  /** Pairs of a document that stand before those of its first chunk. */
  headPairs(document: number): number {
    return this.titlePairs(document) + Math.max(0, this.nameLength[document]! - 1);
  }

  /** Of these, those of the title, which come first. */
  titlePairs(document: number): number {
    return Math.max(0, this.titleLength[document]! - 1);
  }

  term(index: number): Uint8Array {
    return this.termBytes.subarray(this.termStart[index], this.termStart[index + 1]);
  }

  /** The first bytes of a term as one number: differs only where the terms differ, and then in their order. */
  termPrefix(index: number): number {
    return prefixOf(this.termBytes, this.termStart[index]!, this.termStart[index + 1]!);
  }

  termLength(index: number): number {
    return this.termStart[index + 1]! - this.termStart[index]!;
  }

  /** Where the postings of a term start; they end where those of the next one start. */
  postingsAt(index: number): number {
    return this.postingStart[index]!;
  }

  /** The index of a term, -1 where the segment does not hold it. */
  findTerm(wanted: Uint8Array): number {
    const prefix = prefixOf(wanted, 0, wanted.length);
    const { sample } = this;
    let low = 0;
    let high = sample.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sample[middle]! < prefix) low = middle + 1;
      else high = middle;
    }
    // It is behind the last that is lower and before the first that is higher.
    while (high < sample.length && sample[high] === prefix) high++;
    low = Math.max(0, (low - 1) * SAMPLED);
    high = Math.min(this.terms, high * SAMPLED) - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const order = this.compareTerm(middle, wanted);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  private compareTerm(index: number, wanted: Uint8Array): number {
    const start = this.termStart[index]!;
    const length = this.termStart[index + 1]! - start;
    const common = Math.min(length, wanted.length);
    for (let i = 0; i < common; i++) {
      const difference = this.termBytes[start + i]! - wanted[i]!;
      if (difference !== 0) return difference;
    }
    return length - wanted.length;
  }

  /** Ordinals of the documents with this id: several where versions of one document are held. */
  documentsWithId(documentId: Uint8Array): number[] {
    return this.lookUp(this.documentIds, this.byDocument, documentId);
  }

  documentsWithVersion(versionId: Uint8Array): number[] {
    return this.lookUp(this.versionIds, this.byVersion, versionId);
  }

  chunksWithId(chunkId: Uint8Array): number[] {
    return this.lookUp(this.chunkIds, this.byChunk, chunkId);
  }

  private lookUp(uuids: Uint8Array, order: Uint32Array, wanted: Uint8Array): number[] {
    const found: number[] = [];
    for (let at = uuidLowerBound(uuids, order, wanted); at < order.length; at++) {
      const start = order[at]! * UUID_BYTES;
      if (Buffer.compare(uuids.subarray(start, start + UUID_BYTES), wanted) !== 0) break;
      found.push(order[at]!);
    }
    return found;
  }
}

function prefixOf(bytes: Uint8Array, start: number, end: number): number {
  let prefix = 0;
  for (let i = start; i < start + PREFIX_BYTES; i++) prefix = prefix * 256 + (i < end ? bytes[i]! : 0);
  return prefix;
}

type Header = [number, number, number, number, number, number, number, number, number, number];
