import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { jest } from '@jest/globals';
import type { LexicalDocument } from '../../lexical.types.js';
import { BM25, inverseDocumentFrequency, PAIRING } from '../bm25.js';
import type { Level } from '../level.js';
import { readHits, type PackedHits } from '../packed-hits.js';
import { PostingReader } from '../segment/posting-reader.js';
import { Search } from '../search.js';
import { SearchIndex } from '../held/search-index.js';
import { buildSegment } from '../segment/segment-builder.js';
import { listedTerm, TermLists } from './term-lists.js';

const LEVELS: readonly Level[] = ['document', 'chunk'];
const [NEAR, FAR] = [randomUUID(), randomUUID()];
// Without vowels there is nothing for a stemmer to take off.
const LETTERS = 'bcdfghjklm';
const wordAt = (rank: number): string => `w${LETTERS[Math.floor(rank / 10)]!}${LETTERS[rank % 10]!}x`;

/** Numbers below `below` that are the same in each run. */
function seeded(seed: number): (below: number) => number {
  return (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
}

const rowsOf = (packed: PackedHits): unknown[] =>
  readHits(packed).map(({ documentId, chunkIds, score, exact }) => [documentId, chunkIds, score, exact]);

/** A growing index, and what was put into it. */
class Corpus {
  readonly index = new SearchIndex();
  readonly held: LexicalDocument[] = [];
  readonly random: (below: number) => number;
  private sequence = 0;

  constructor(
    seed: number,
    private readonly plain = false,
  ) {
    this.random = seeded(seed);
  }

  /** The first of a hundred words are nearly everywhere, the last hardly anywhere. */
  text(length: number): string {
    return Array.from({ length }, () => wordAt(Math.floor(100 ** (this.random(1e6) / 1e6)) - 1)).join(' ');
  }

  add(collectionId: string, count: number): void {
    const { random, plain } = this;
    const documents = Array.from({ length: count }, (): LexicalDocument => ({
      documentId: randomUUID(),
      versionId: randomUUID(),
      collectionId,
      title: !plain && random(3) === 0 ? this.text(2) : null,
      fileName: !plain && random(5) === 0 ? `${this.text(2).replace(' ', '_')}.txt` : null,
      chunks: Array.from({ length: 1 + random(3) }, () => ({
        chunkId: randomUUID(),
        text: `${this.text(3 + random(25))}${random(70) === 0 ? ' wzzx' : ''}`,
        headingPath: !plain && random(4) === 0 ? [this.text(1)] : [],
      })),
    }));
    this.held.push(...documents);
    const { bytes } = buildSegment(documents)!;
    const sequence = ++this.sequence;
    const checksum = crc32(new Uint8Array(bytes));
    const item = { kind: 'segment', sequence, first: sequence, last: sequence, empty: false } as const;
    expect(this.index.apply([{ ...item, bytes, checksum }])).toEqual([]);
  }

  retire(every: number): void {
    const left = this.held.filter((_, i) => i % every !== 0);
    for (const { versionId } of this.held.filter((_, i) => i % every === 0))
      this.index.apply([{ kind: 'retired', versionId, sequence: ++this.sequence }]);
    this.held.splice(0, Infinity, ...left);
  }

  query(): string {
    return Array.from({ length: 1 + this.random(7) }, () => this.text(1)).join(' ');
  }
}

describe('the best of a large index', () => {
  afterEach(() => jest.restoreAllMocks());

  it.each([1, 2, 3])('are those of all, to the last bit, whatever came and went (%d)', (seed) => {
    const corpus = new Corpus(seed);
    const pruned = new Search(corpus.index, 0);
    const expectAlike = (): void => {
      const some = new Set(corpus.held.filter((_, i) => i % 3 === 0).map(({ documentId }) => documentId));
      const scopes = [
        { collectionIds: [NEAR, FAR] },
        { collectionIds: [NEAR] },
        { collectionIds: [FAR] },
        { collectionIds: [NEAR, FAR], documentIds: [...some] },
      ];
      const texts = Array.from({ length: 12 }, () => corpus.query());
      texts.push(`"${wordAt(1)} ${wordAt(2)}" ${wordAt(9)}`, wordAt(0), `${wordAt(3)} ${wordAt(3)} nothing`);
      for (const level of LEVELS)
        for (const text of texts) {
          const whole = new Search(corpus.index, Infinity);
          for (const scope of scopes) {
            const request = { ...scope, level, topK: [1, 10, 300][corpus.random(3)]! };
            expect(rowsOf(pruned.query(text, request))).toEqual(rowsOf(whole.query(text, request)));
          }
          const ids = corpus.held
            .filter((_, i) => i % 17 === 0)
            .flatMap(({ documentId, chunks }) =>
              level === 'document' ? [documentId] : chunks.map(({ chunkId }) => chunkId),
            );
          ids.push(ids[0]!, randomUUID());
          const scores = whole.scores(text, ids, level, undefined);
          expect(pruned.scores(text, ids, level, undefined)).toEqual(scores);
          expect(new Search(corpus.index, 0).scores(text, ids, level, undefined)).toEqual(scores);
        }
    };
    const among = jest.spyOn(PostingReader.prototype, 'nextAmong');
    corpus.add(NEAR, 900);
    corpus.add(FAR, 500);
    corpus.add(NEAR, 700);
    expectAlike();
    corpus.retire(9);
    expectAlike();
    // Enough small ones that they are merged.
    const before = corpus.index.segments.length;
    for (let i = 0; i < 12; i++) corpus.add(i % 3 === 0 ? FAR : NEAR, 20);
    expect(corpus.index.segments.length).toBeLessThan(before + 12);
    corpus.retire(11);
    expectAlike();
    expect(among.mock.calls.length).toBeGreaterThan(20);
  });

  it('are those of BM25 written down plainly', () => {
    const corpus = new Corpus(5, true);
    for (const count of [800, 300, 700]) corpus.add(NEAR, count);
    corpus.retire(7);
    const { weight } = PAIRING;
    PAIRING.weight = 0;
    try {
      for (const level of LEVELS) {
        const units = corpus.held.flatMap(({ documentId, chunks }) =>
          level === 'document'
            ? [{ id: documentId, words: chunks.flatMap(({ text }) => text.split(' ')) }]
            : chunks.map(({ chunkId, text }) => ({ id: chunkId, words: text.split(' ') })),
        );
        const average = units.reduce((sum, { words }) => sum + words.length, 0) / units.length;
        const { k1, b } = BM25[level];
        const search = new Search(corpus.index, 0);
        for (let i = 0; i < 15; i++) {
          const text = corpus.query();
          const idf = new Map(
            text.split(' ').map((word) => {
              const holding = units.filter(({ words }) => words.includes(word)).length;
              return [word, inverseDocumentFrequency(units.length, holding)];
            }),
          );
          const expected = units
            .map(({ words }) =>
              text.split(' ').reduce((sum, word) => {
                const times = words.filter((one) => one === word).length;
                const norm = k1 * (1 - b + (b * words.length) / average);
                return sum + (idf.get(word)! * times * (k1 + 1)) / (times + norm);
              }, 0),
            )
            .filter((score) => score > 0)
            .sort((one, other) => other - one)
            .slice(0, 100);
          const hits = readHits(search.query(text, { collectionIds: [NEAR], topK: 100, level }));
          expect(hits.length).toBe(expected.length);
          hits.forEach(({ score }, at) => expect(score).toBeCloseTo(expected[at]!, 8));
        }
      }
    } finally {
      PAIRING.weight = weight;
    }
  });

  it('are found without reading all that is there of words that are everywhere', () => {
    const corpus = new Corpus(8);
    for (let i = 0; i < 6; i++) corpus.add(NEAR, 1500);
    const search = new Search(corpus.index, 0);
    const request = { collectionIds: [NEAR], topK: 10, level: 'chunk' as const };
    // What is known of a list when it is read the first time tells where to enter it the second time.
    const text = `wzzx ${wordAt(0)}`;
    search.query(text, request);
    const given = jest.spyOn(TermLists.prototype, 'of');
    for (const { terms } of corpus.index.segments) for (const level of LEVELS) terms[level].clear();
    search.query(text, request);
    const last = corpus.index.segments.at(-1)!;
    const often = given.mock.calls.flatMap(([held, { term }, wanted], i) =>
      held === last && wanted && term === wordAt(0)
        ? [(given.mock.results[i]!.value as { count: number }).count]
        : [],
    );
    given.mockRestore();
    const all = new TermLists().of(last, listedTerm(wordAt(0), Buffer.from(wordAt(0)), 'chunk'));
    expect(often.length).toBeGreaterThan(0);
    expect(Math.max(...often)).toBeLessThan(all.count * 0.9);
  });
});
