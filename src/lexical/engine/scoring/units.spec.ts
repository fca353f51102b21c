import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { jest } from '@jest/globals';
import type { LexicalDocument } from '../../lexical.types.js';
import { PostingReader } from '../segment/posting-reader.js';
import { readHits, type PackedHits } from '../packed-hits.js';
import { Search } from '../search.js';
import { SearchIndex } from '../held/search-index.js';
import type { Level } from '../level.js';
import { buildSegment } from '../segment/segment-builder.js';

const WORDS = ['heron', 'otter', 'maple', 'granite', 'tide', 'lantern', 'copper', 'meadow', 'ferry', 'anvil'];
const QUERIES = [
  'heron',
  'otter maple',
  'granite tide lantern',
  'copper copper meadow',
  '"ferry anvil"',
  'report-7.txt',
];
const LEVELS: readonly Level[] = ['document', 'chunk'];

const rowsOf = (packed: PackedHits): unknown[] =>
  readHits(packed).map(({ documentId, chunkIds, score, exact }) => [documentId, chunkIds, score, exact]);

/** Numbers below `below` that are the same in each run. */
function seeded(seed: number): (below: number) => number {
  return (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
}

describe('a scope that is a small part of the index', () => {
  const many = randomUUID();
  const few = randomUUID();
  const random = seeded(7);
  const textOf = (length: number): string =>
    Array.from({ length }, () => WORDS[random(WORDS.length)]).join(' ');
  const documentOf = (collectionId: string, i: number): LexicalDocument => ({
    documentId: randomUUID(),
    versionId: randomUUID(),
    collectionId,
    title: random(3) === 0 ? textOf(2) : null,
    fileName: random(3) === 0 ? `report-${i % 20}.txt` : null,
    chunks: Array.from({ length: 1 + random(4) }, () => ({
      chunkId: randomUUID(),
      text: textOf(5 + random(40)),
      headingPath: random(2) === 0 ? [textOf(1)] : [],
    })),
  });
  let sequence = 0;
  const index = new SearchIndex();
  const add = (documents: readonly LexicalDocument[]): void => {
    const { bytes } = buildSegment(documents)!;
    sequence++;
    const item = { kind: 'segment', sequence, first: sequence, last: sequence, empty: false } as const;
    expect(index.apply([{ ...item, bytes, checksum: crc32(new Uint8Array(bytes)) }])).toEqual([]);
  };
  const held: LexicalDocument[] = [];
  const addMany = (collectionId: string, count: number): void => {
    const documents = Array.from({ length: count }, (_, i) => documentOf(collectionId, i));
    held.push(...documents);
    add(documents);
  };

  beforeAll(() => {
    addMany(many, 400);
    addMany(few, 20);
    addMany(many, 100);
    addMany(few, 5);
  });
  afterEach(() => jest.restoreAllMocks());

  /** Scored as a whole, since somebody who may read all has just asked the same. */
  const whole = (text: string, level: Level): Search => {
    const search = new Search(index);
    search.query(text, { collectionIds: [many, few], topK: 1, level });
    return search;
  };

  const expectAlike = (): void => {
    const own = held.filter(({ collectionId }) => collectionId === few);
    const some = held.filter((_, i) => i % 50 === 0).map(({ documentId }) => documentId);
    const search = new Search(index);
    for (const text of QUERIES)
      for (const level of LEVELS) {
        const scopes = [{ collectionIds: [few] }, { collectionIds: [many, few], documentIds: some }];
        for (const scope of scopes) {
          const request = { ...scope, topK: 200, level };
          const hits = rowsOf(search.query(text, request));
          expect(hits).toEqual(rowsOf(whole(text, level).query(text, request)));
        }
        const ids = own.flatMap(({ documentId, chunks }) =>
          level === 'document' ? [documentId] : chunks.map(({ chunkId }) => chunkId),
        );
        expect(search.scores(text, ids, level, undefined)).toEqual(
          whole(text, level).scores(text, ids, level, undefined),
        );
      }
  };

  it('is answered as if everything had been scored, whatever came and went', () => {
    expect(
      readHits(new Search(index).query('heron', { collectionIds: [few], topK: 200, level: 'chunk' })).length,
    ).toBeGreaterThan(5);
    expectAlike();
    for (const { versionId } of held.filter((_, i) => i % 7 === 0))
      index.apply([{ kind: 'retired', versionId, sequence: ++sequence }]);
    expectAlike();
    addMany(few, 10);
    addMany(many, 30);
    expectAlike();
  });

  it('is answered from its own segments once the words were counted', () => {
    const search = new Search(index);
    const ask = (text: string): void =>
      void search.query(text, { collectionIds: [few], topK: 10, level: 'document' });
    ask('heron otter');
    ask('maple tide');
    const read = jest.spyOn(PostingReader.prototype, 'start');
    ask('heron tide');
    const foreign = read.mock.calls.filter(
      ([segment]) => !index.segments.find((one) => one.segment === segment)!.collections.includes(few),
    );
    expect(read.mock.calls.length).toBeGreaterThan(0);
    expect(index.segments.some(({ collections }) => !collections.includes(few))).toBe(true);
    expect(foreign.length).toBe(0);
  });
});
