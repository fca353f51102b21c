import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { jest } from '@jest/globals';
import type { LexicalDocument } from '../../lexical.types.js';
import { BM25, inverseDocumentFrequency } from '../bm25.js';
import type { Level } from '../level.js';
import { readHits, type PackedHits } from '../packed-hits.js';
import { PostingReader } from '../segment/posting-reader.js';
import { Search } from '../search.js';
import { SearchIndex } from './search-index.js';
import { buildSegment } from '../segment/segment-builder.js';
import type { LogItem } from '../segment/segment-log.types.js';
import { TermCache } from './term-cache.js';
import { UnitsWriter } from './term-units.js';

const WORDS = ['heron', 'otter', 'maple', 'granite', 'tide', 'lantern', 'copper', 'meadow', 'ferry', 'anvil'];
const QUERIES = ['heron', 'otter maple', 'granite tide lantern', 'copper meadow heron', '"ferry anvil" tide'];
const LEVELS: readonly Level[] = ['document', 'chunk'];
const [NEAR, FAR] = [randomUUID(), randomUUID()];

/** Numbers below `below` that are the same in each run. */
function seeded(seed: number): (below: number) => number {
  return (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
}

const random = seeded(11);
const textOf = (length: number): string =>
  Array.from({ length }, () => WORDS[Math.floor(random(100) ** 0.5)]).join(' ');

const draft = (text: string, collectionId: string = NEAR): LexicalDocument => ({
  documentId: randomUUID(),
  versionId: randomUUID(),
  collectionId,
  title: random(3) === 0 ? textOf(2) : null,
  fileName: random(4) === 0 ? `${textOf(1)}.txt` : null,
  chunks: Array.from({ length: 1 + random(4) }, () => ({
    chunkId: randomUUID(),
    text: text || textOf(5 + random(40)),
    headingPath: random(3) === 0 ? [textOf(1)] : [],
  })),
});

function segmentOf(documents: readonly LexicalDocument[], sequence: number): LogItem {
  const { bytes } = buildSegment(documents)!;
  const checksum = crc32(new Uint8Array(bytes));
  return { kind: 'segment', sequence, first: sequence, last: sequence, empty: false, bytes, checksum };
}

const rowsOf = (packed: PackedHits): unknown[] =>
  readHits(packed).map(({ documentId, chunkIds, score, exact }) => [documentId, chunkIds, score, exact]);

describe('words that are asked for again', () => {
  afterEach(() => jest.restoreAllMocks());

  it('give what a new index gives, whatever came and went, for every scope', () => {
    const log: LogItem[] = [];
    const held: LexicalDocument[] = [];
    const index = new SearchIndex();
    const search = new Search(index);
    const apply = (item: LogItem): void => {
      log.push(item);
      expect(index.apply([item])).toEqual([]);
    };
    const add = (count: number, collectionId: string, text = ''): void => {
      const documents = Array.from({ length: count }, () => draft(text, collectionId));
      held.push(...documents);
      apply(segmentOf(documents, log.length + 1));
    };
    const expectAlike = (): void => {
      const other = new SearchIndex();
      for (const item of log) other.apply([item]);
      const some = held.filter((_, i) => i % 9 === 0);
      const scopes = [
        { collectionIds: [NEAR, FAR] },
        { collectionIds: [FAR] },
        { collectionIds: [NEAR, FAR], documentIds: some.map(({ documentId }) => documentId) },
      ];
      for (const level of LEVELS)
        for (const text of QUERIES)
          for (const scope of scopes) {
            // Nothing of this one was asked before: neither scores nor words are known.
            const fresh = new Search(other);
            for (const { terms } of other.segments) for (const one of LEVELS) terms[one].clear();
            const request = { ...scope, level, topK: 50 };
            expect(rowsOf(search.query(text, request))).toEqual(rowsOf(fresh.query(text, request)));
            const ids =
              level === 'document'
                ? some.map(({ documentId }) => documentId)
                : some.flatMap(({ chunks }) => chunks.map(({ chunkId }) => chunkId));
            const scores = search.scores(text, ids, level, undefined);
            expect(scores).toEqual(fresh.scores(text, ids, level, undefined));
          }
    };
    const keptBytes = (): number =>
      index.segments.reduce((sum, { terms }) => sum + terms.document.bytes + terms.chunk.bytes, 0);

    add(150, NEAR);
    add(20, FAR);
    // A book: words in it more often than fits into a byte.
    add(1, FAR, Array.from({ length: 300 }, () => 'heron tide').join(' '));
    expectAlike();
    expectAlike();
    expect(keptBytes()).toBeGreaterThan(1000);
    for (const { versionId } of held.filter((_, i) => i % 5 === 0))
      apply({ kind: 'retired', versionId, sequence: log.length + 1 });
    expectAlike();
    // Enough small segments that they are merged.
    const before = index.segments.length;
    for (let i = 0; i < 12; i++) add(2, i % 3 === 0 ? FAR : NEAR);
    expect(index.segments.length).toBeLessThan(before + 12);
    expectAlike();
    for (const { versionId } of held.filter((_, i) => i % 4 === 1))
      apply({ kind: 'retired', versionId, sequence: log.length + 1 });
    expectAlike();
  });

  it('are read from the postings the first and the second time only', () => {
    const index = new SearchIndex();
    // Names of files are looked up apart.
    index.apply([
      segmentOf(
        Array.from({ length: 100 }, () => ({ ...draft(''), fileName: null })),
        1,
      ),
    ]);
    const ask = (text: string): void =>
      void search.query(text, { collectionIds: [NEAR], topK: 10, level: 'document' });
    const search = new Search(index);
    const read = jest.spyOn(PostingReader.prototype, 'start');
    ask('otter');
    ask('otter heron');
    expect(read).toHaveBeenCalled();
    ask('heron maple');
    ask('maple otter');
    read.mockClear();
    ask('otter maple heron');
    expect(read).not.toHaveBeenCalled();
  });

  it('count in full in a document that repeats them more than 255 times', () => {
    const index = new SearchIndex();
    const plain = (text: string): LexicalDocument => ({
      ...draft(''),
      title: null,
      fileName: null,
      chunks: [{ chunkId: randomUUID(), text, headingPath: [] }],
    });
    index.apply([segmentOf([plain('heron '.repeat(1000)), plain('heron otter'), plain('otter')], 1)]);
    const search = new Search(index);
    const [first, second] = readHits(
      search.query('heron', { collectionIds: [NEAR], topK: 10, level: 'document' }),
    );
    const { k1, b } = BM25.document;
    const average = 1003 / 3;
    const worth = (frequency: number, length: number): number =>
      (inverseDocumentFrequency(3, 2) * frequency * (k1 + 1)) /
      (frequency + k1 * (1 - b + (b * length) / average));
    expect(first!.score).toBeCloseTo(worth(1000, 1000), 10);
    expect(second!.score).toBeCloseTo(worth(1, 2), 10);
  });
});

describe('memory for words of a segment', () => {
  const unitsOf = (count: number): ReturnType<UnitsWriter['take']> => {
    const writer = new UnitsWriter();
    writer.reserve(count);
    for (let unit = 0; unit < count; unit++) writer.add(unit, 1);
    return writer.take().copy();
  };

  it('stays below its limit, and keeps what is used', () => {
    const cache = new TermCache();
    cache.limit = 100_000;
    const often = unitsOf(500);
    cache.add('often', often);
    for (let i = 0; i < 500; i++) {
      cache.add(`word ${i}`, unitsOf(random(3000)));
      expect(cache.bytes).toBeLessThanOrEqual(cache.limit);
      expect(cache.find('often')).toBe(often);
    }
    expect(cache.bytes).toBeGreaterThan(cache.limit / 4);
    expect(cache.find('word 1')).toBeUndefined();
    expect(cache.hasRoomFor(unitsOf(7000))).toBe(false);
    cache.clear();
    expect(cache.bytes).toBe(0);
    expect(cache.find('often')).toBeUndefined();
  });

  it('is shared out among all segments of an index', () => {
    const index = new SearchIndex();
    const limits = (): number[] =>
      index.segments.map(({ terms }) => terms.document.limit + terms.chunk.limit);
    for (let sequence = 1; sequence < 4; sequence++) {
      index.apply([
        segmentOf(
          Array.from({ length: 50 * sequence }, () => draft('')),
          sequence,
        ),
      ]);
      expect(limits().reduce((sum, limit) => sum + limit, 0)).toBeCloseTo(4 * 1024 * 1024, 3);
    }
    expect(limits()[2]!).toBeGreaterThan(limits()[0]!);
  });
});
