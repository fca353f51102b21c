import { UUID_BYTES } from '../../../common/search/uuid-bytes.js';
import { PostingList, PostingReader } from './posting-reader.js';
import { PREFIX_BYTES, type Segment } from './segment.js';
import type { BuiltSegment } from './segment-builder.js';
import { SegmentWriter } from './segment-writer.js';

/** A segment to merge, and which of its documents (by ordinal) are left out. */
export interface MergeInput {
  segment: Segment;
  dead: Uint8Array;
}

interface Cursor {
  input: number;
  segment: Segment;
  term: number;
  prefix: number;
  chunkMap: Int32Array;
  documentMap: Int32Array;
}

/**
 * Joins segments, in order, without their dead documents; `undefined` when nothing remains. Costs time in
 * proportion to the postings, so large merges belong in the analysis thread.
 */
export function mergeSegments(inputs: readonly MergeInput[]): BuiltSegment | undefined {
  const writer = new SegmentWriter();
  const cursors = inputs.map(({ segment, dead }, input) => copyDocuments(writer, segment, dead, input));
  if (writer.chunks === 0) return undefined;

  const heap = new CursorHeap(cursors.filter((cursor) => cursor.segment.terms > 0));
  const reader = new PostingReader();
  const list = new PostingList();
  const copy = (map: Int32Array, target: number[]): void => {
    reader.next(list);
    copyList(list, map, target);
  };
  const [name, body, heading, title]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let cursor = heap.top(); cursor !== undefined;) {
    const { segment, term } = cursor;
    const prefix = cursor.prefix;
    // Inputs come in order, so the new ordinals within each list ascend.
    do {
      reader.start(cursor.segment, cursor.term);
      copy(cursor.documentMap, name);
      copy(cursor.chunkMap, body);
      copy(cursor.chunkMap, heading);
      copy(cursor.documentMap, title);
      cursor = heap.advance();
    } while (cursor !== undefined && cursor.prefix === prefix && compareTails(cursor, segment, term) === 0);
    if (name.length + body.length + heading.length + title.length === 0) continue;
    writer.addTerm(segment.term(term), { name, body, heading, title });
    name.length = body.length = heading.length = title.length = 0;
  }
  return { bytes: writer.finish(inputs.flatMap(({ segment }) => segment.languages)), chunks: writer.chunks };
}

function copyDocuments(writer: SegmentWriter, segment: Segment, dead: Uint8Array, input: number): Cursor {
  const chunkMap = new Int32Array(segment.chunks).fill(-1);
  const documentMap = new Int32Array(segment.documents).fill(-1);
  const uuid = (ids: Uint8Array, index: number) => ids.subarray(index * UUID_BYTES, (index + 1) * UUID_BYTES);
  for (let document = 0; document < segment.documents; document++) {
    if (dead[document] === 1) continue;
    documentMap[document] = writer.documents;
    let pair = segment.firstPair[document]!;
    const pairs = (count: number): Uint16Array => segment.pairs.subarray(pair, (pair += count));
    writer.addDocument({
      documentId: uuid(segment.documentIds, document),
      versionId: uuid(segment.versionIds, document),
      collectionId: uuid(segment.collectionIds, segment.documentCollection[document]!),
      titleLength: segment.titleLength[document]!,
      nameLength: segment.nameLength[document]!,
      headPairs: pairs(segment.headPairs(document)),
    });
    for (let chunk = segment.firstChunk[document]!; chunk < segment.firstChunk[document + 1]!; chunk++) {
      chunkMap[chunk] = writer.chunks;
      writer.addChunk({
        id: uuid(segment.chunkIds, chunk),
        bodyLength: segment.bodyLength[chunk]!,
        headingLength: segment.headingLength[chunk]!,
        pairs: pairs(Math.max(0, segment.bodyLength[chunk]! - 1)),
      });
    }
  }
  const prefix = segment.terms > 0 ? segment.termPrefix(0) : 0;
  return { input, segment, term: 0, prefix, chunkMap, documentMap };
}

function copyList({ ordinals, frequencies, count }: PostingList, map: Int32Array, target: number[]): void {
  for (let i = 0; i < count; i++) {
    const ordinal = map[ordinals[i]!]!;
    if (ordinal >= 0) target.push(ordinal, frequencies[i]!);
  }
}

/** Binary heap by current term, then by input. */
class CursorHeap {
  private readonly items: Cursor[] = [];

  constructor(cursors: readonly Cursor[]) {
    this.items = [...cursors];
    for (let i = (this.items.length >> 1) - 1; i >= 0; i--) this.sink(i);
  }

  top(): Cursor | undefined {
    return this.items[0];
  }

  /** Moves the top cursor to its next term, or out, and gives the new top. */
  advance(): Cursor | undefined {
    const top = this.items[0]!;
    if (++top.term < top.segment.terms) {
      top.prefix = top.segment.termPrefix(top.term);
    } else {
      const last = this.items.pop()!;
      if (last !== top) this.items[0] = last;
    }
    this.sink(0);
    return this.items[0];
  }

  private sink(at: number): void {
    const items = this.items;
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < items.length && before(items[child]!, items[least]!)) least = child;
      }
      if (least === at) return;
      [items[at], items[least]] = [items[least]!, items[at]!];
      at = least;
    }
  }
}

function before(a: Cursor, b: Cursor): boolean {
  if (a.prefix !== b.prefix) return a.prefix < b.prefix;
  const order = compareTails(a, b.segment, b.term);
  return order < 0 || (order === 0 && a.input < b.input);
}

/** Compares terms of equal prefix; no term holds a zero byte, so short ones are equal. */
function compareTails(a: Cursor, segment: Segment, term: number): number {
  if (a.segment.termLength(a.term) <= PREFIX_BYTES && segment.termLength(term) <= PREFIX_BYTES) return 0;
  return Buffer.compare(a.segment.term(a.term), segment.term(term));
}
