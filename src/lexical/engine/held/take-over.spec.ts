import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { RetiredVersion, StoredSegment } from '../../analysis/analysis.types.js';
import type { LexicalDocument } from '../../lexical.types.js';
import { mergeStored } from '../../analysis/merge-stored.js';
import { readHits } from '../packed-hits.js';
import { Search } from '../search.js';
import { SearchIndex } from './search-index.js';
import { buildSegment } from '../segment/segment-builder.js';
import type { SegmentItem } from '../segment/segment-log.types.js';

const COLLECTION = randomUUID();
const WORDS = ['apple', 'birch', 'cedar', 'delta', 'ember', 'fjord', 'grove', 'heath'];
const REQUEST = { collectionIds: [COLLECTION], topK: 1000 };

function makeDocument(i: number): LexicalDocument {
  const text = WORDS.filter((_, place) => (i * 7 + place * i) % 3 === 0).join(' ');
  const chunks = [{ chunkId: randomUUID(), text: `${text} number ${i}`, headingPath: [] }];
  return {
    documentId: randomUUID(),
    versionId: randomUUID(),
    collectionId: COLLECTION,
    title: null,
    fileName: null,
    chunks,
  };
}

/** A log of segments and retirements, with an index that has read it. */
class Log {
  readonly index = new SearchIndex();
  readonly stored: (StoredSegment & { sequence: number })[] = [];
  readonly retired: RetiredVersion[] = [];
  private sequence = 0;

  add(documents: readonly LexicalDocument[]): void {
    const { bytes } = buildSegment(documents)!;
    const sequence = ++this.sequence;
    const checksum = crc32(new Uint8Array(bytes));
    this.stored.push({ bytes: bytes.slice(0), checksum, last: sequence, sequence });
    this.apply(segmentItem(bytes, sequence, sequence));
  }

  retire({ versionId }: LexicalDocument): void {
    const sequence = ++this.sequence;
    this.retired.push({ sequence, versionId });
    this.index.apply([{ kind: 'retired', versionId, sequence }]);
  }

  /** What the database merges of the segments of a range. */
  merged(first: number, last: number, retired = this.retired): SegmentItem {
    const inputs = this.stored.filter(({ sequence }) => first <= sequence && sequence <= last);
    return segmentItem(mergeStored(inputs, retired)!.bytes, inputs[0]!.sequence, inputs.at(-1)!.sequence);
  }

  /** Every answer that tells the state: scores depend on the totals and on each document. */
  answers(): unknown[] {
    const search = new Search(this.index);
    return (['document', 'chunk'] as const).flatMap((level) =>
      WORDS.map((word) =>
        readHits(search.query(`${word} birch number`, { ...REQUEST, level })).map((hit) => [
          hit.documentId,
          hit.score,
        ]),
      ),
    );
  }

  private apply(item: SegmentItem): void {
    expect(this.index.apply([item])).toEqual([]);
  }
}

function segmentItem(bytes: ArrayBuffer, first: number, last: number): SegmentItem {
  const checksum = crc32(new Uint8Array(bytes));
  return { kind: 'segment', sequence: last, first, last, checksum, bytes, empty: false };
}

describe('a segment that was merged elsewhere', () => {
  const documents = Array.from({ length: 120 }, (_, i) => makeDocument(i));

  /** Six segments of twenty, the first of each retired. */
  function filled(): Log {
    const log = new Log();
    for (let i = 0; i < 6; i++) log.add(documents.slice(i * 20, (i + 1) * 20));
    for (let i = 0; i < 6; i++) log.retire(documents[i * 20]!);
    return log;
  }

  it('takes the place of those that it was made of, and no answer changes', () => {
    const log = filled();
    const before = log.answers();
    expect(log.index.adopt(log.merged(2, 5))).toBe(true);
    expect(log.index.segments).toHaveLength(3);
    expect(log.answers()).toEqual(before);
  });

  it('keeps dead what was retired after it was merged', () => {
    const log = filled();
    const before = log.answers();
    expect(log.index.adopt(log.merged(1, 6, []))).toBe(true);
    expect(log.index.totals.documents).toBe(114);
    expect(log.answers()).toEqual(before);
    // It is followed as the others were.
    log.retire(documents[119]!);
    log.add([makeDocument(200)]);
    expect(log.index.totals.documents).toBe(114);
  });

  it('shares no document with a segment that reaches over its range', () => {
    const log = filled();
    const before = log.answers();
    expect(log.index.adopt(log.merged(1, 3))).toBe(true);
    expect(log.index.adopt(log.merged(2, 6))).toBe(true);
    expect(log.index.ranges).toEqual([
      { first: 1, last: 3 },
      { first: 2, last: 6 },
    ]);
    expect(log.index.totals.documents).toBe(114);
    expect(log.answers()).toEqual(before);
  });

  it.each<[string, (log: Log) => SegmentItem]>([
    ['it is damaged', (log) => ({ ...log.merged(1, 6), checksum: 1 })],
    ['it replaces one only', (log) => log.merged(3, 3)],
    [
      'it lacks what is alive',
      (log) => ({ ...log.merged(1, 4, [{ sequence: 99, versionId: documents[5]!.versionId }]) }),
    ],
  ])('is refused where %s', (_, make) => {
    const log = filled();
    const before = log.answers();
    const item = make(log);
    expect(log.index.adopt(item)).toBe(false);
    expect(log.index.segments).toHaveLength(6);
    expect(log.answers()).toEqual(before);
  });
});
