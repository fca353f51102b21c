import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { CommitWatch } from '../../src/database/commit-watch.js';
import { IndexHead } from '../../src/database/index-head.js';
import { analyse } from '../../src/lexical/analyser/analyser.js';
import { nameQueryTerms, nameTerms, writtenName } from '../../src/lexical/analyser/names.js';
import { BM25, NAMES, PAIRING } from '../../src/lexical/engine/bm25.js';
import { pairNumber, pairNumbers } from '../../src/lexical/engine/segment/pairs.js';
import type { AnalysisThread } from '../../src/lexical/analysis/analysis-thread.js';
import { SegmentsLexicalIndex } from '../../src/lexical/adapters/segments/segments.adapter.js';
import type { LexicalDocument, LexicalScope } from '../../src/lexical/lexical.types.js';
import { ThreadLost } from '../../src/common/threads/thread.js';
import type { SegmentFollower } from '../../src/lexical/adapters/segments/segment-follower.js';
import type { SequenceRange } from '../../src/lexical/engine/search.types.js';
import type { SearchThread } from '../../src/lexical/adapters/segments/search-thread.js';
import { Library, startLexicalDatabase } from './lexical.database.js';
import type { TestDatabase } from '../support/memory-database.js';

let database: TestDatabase;
let library: Library;
let shelves: string[];
let open: SegmentsLexicalIndex[];
let held: PromiseWithResolvers<void>;
const watch = new CommitWatch(true);

beforeAll(async () => {
  database = await startLexicalDatabase();
  database.dataSource.subscribers.push(watch);
});
afterAll(() => database.stop());
beforeEach(async () => {
  library = await Library.open(database.dataSource);
  shelves = [await library.addCollection(), await library.addCollection(), await library.addCollection()];
  open = [];
  held = Promise.withResolvers();
});
afterEach(async () => {
  held.resolve();
  await Promise.all(open.map((index) => index.close()));
  jest.restoreAllMocks();
});

function create(): SegmentsLexicalIndex {
  const index = new SegmentsLexicalIndex(database.dataSource, new IndexHead(database.dataSource, watch));
  open.push(index);
  return index;
}

async function start(): Promise<SegmentsLexicalIndex> {
  const index = create();
  await index.createIndex();
  return index;
}

/** Random numbers that a failing test can repeat. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

// Words of very different frequency, as in a language. Without digits: rare identifiers would come first.
const LETTERS = 'bcdfghjk';
const VOCABULARY = Array.from(
  { length: 60 },
  (_, i) => `w${LETTERS[i >> 3]!}${LETTERS[i & 7]!}${'qxz'[i % 3]!}`,
);
const someWords = (random: (below: number) => number, count: number): string =>
  Array.from({ length: count }, () => VOCABULARY[Math.floor(random(3600) ** 0.5) % 60]!).join(' ');

function randomDraft(random: (below: number) => number, documentId?: string): LexicalDocument {
  const passages = Array.from({ length: 1 + random(4) }, () => ({
    text: someWords(random, 1 + random(30)),
    headingPath: random(3) === 0 ? [someWords(random, 2)] : [],
  }));
  const title = random(3) === 0 ? null : someWords(random, 1 + random(4));
  const fileName =
    random(2) === 0 ? `${someWords(random, 1 + random(3)).replaceAll(' ', '_')}.pdf` : undefined;
  return library.draft(shelves[random(3)]!, title, passages, {
    ...(documentId ? { documentId } : {}),
    ...(fileName ? { fileName } : {}),
  });
}

type Level = 'chunk' | 'document';

/**
 * BM25 written down plainly: every unit's weighted frequencies and length, then the formula, then the same for
 * neighbouring words.
 */
function bruteForce(documents: readonly LexicalDocument[], text: string, level: Level): Map<string, number> {
  const { k1, b, titleWeight, headingWeight } = BM25[level];
  const units = new Map<string, { frequency: Map<string, number>; length: number; pairs: number[] }>();
  for (const document of documents) {
    const title = analyse(document.title ?? '');
    const name = writtenName(document.fileName ?? '', undefined);
    const unit = (
      id: string,
      fields: [readonly string[], number][],
      extra: readonly string[],
      runs: readonly string[][],
    ) => {
      const frequency = new Map<string, number>();
      let length = 0;
      for (const [terms, weight] of fields) {
        for (const term of terms) frequency.set(term, (frequency.get(term) ?? 0) + weight);
        length += terms.length * weight;
      }
      for (const term of extra) if (!frequency.has(term)) frequency.set(term, 1);
      units.set(id, { frequency, length, pairs: runs.flatMap((run) => [...pairNumbers(run)]) });
    };
    const bodies = document.chunks.map((chunk) => analyse(chunk.text));
    const headings = document.chunks.map((chunk) => analyse(chunk.headingPath.join('\n')));
    if (level === 'document') {
      unit(
        document.documentId,
        [
          [bodies.flat(), 1],
          [title, titleWeight],
        ],
        headings.flat(),
        [title, name, ...bodies],
      );
    } else {
      document.chunks.forEach((chunk, i) =>
        unit(
          chunk.chunkId,
          [
            [bodies[i]!, 1],
            [headings[i]!, headingWeight],
            [title, titleWeight],
          ],
          [],
          [title, name, bodies[i]!],
        ),
      );
    }
  }
  const average = [...units.values()].reduce((sum, { length }) => sum + length, 0) / units.size;
  const scores = new Map<string, number>();
  const idfOf = new Map<string, number>();
  for (const term of analyse(text)) {
    const containing = [...units.values()].filter(({ frequency }) => frequency.has(term)).length;
    const idf = Math.log(1 + (units.size - containing + 0.5) / (containing + 0.5));
    if (containing > 0) idfOf.set(term, idf);
    for (const [id, { frequency, length }] of units) {
      const tf = frequency.get(term);
      if (tf === undefined) continue;
      const part = (idf * tf * (k1 + 1)) / (tf + k1 * (1 - b + (b * length) / average));
      scores.set(id, (scores.get(id) ?? 0) + part);
    }
  }
  const named = documents.map((document) => new Set(nameTerms(document.fileName ?? '', undefined)));
  for (const term of nameQueryTerms(text, undefined)) {
    const containing = named.filter((terms) => terms.has(term)).length;
    const idf = Math.log(1 + (documents.length - containing + 0.5) / (containing + 0.5));
    documents.forEach(({ documentId, chunks }, i) => {
      if (!named[i]!.has(term)) return;
      for (const id of level === 'document' ? [documentId] : chunks.map(({ chunkId }) => chunkId))
        scores.set(id, (scores.get(id) ?? 0) + NAMES.weight * idf);
    });
  }
  const query = analyse(text);
  const weights = new Map<number, number>();
  for (let i = 1; i < query.length; i++) {
    const [one, other] = [idfOf.get(query[i - 1]!), idfOf.get(query[i]!)];
    if (one !== undefined && other !== undefined)
      weights.set(pairNumber(query[i - 1]!, query[i]!), Math.max(one, other));
  }
  for (const [id, { pairs, length }] of units)
    for (const [number, weight] of weights) {
      const tf = pairs.filter((pair) => pair === number).length;
      if (tf === 0) continue;
      const part = (PAIRING.weight * weight * tf * (k1 + 1)) / (tf + k1 * (1 - b + (b * length) / average));
      if (scores.has(id)) scores.set(id, scores.get(id)! + part);
    }
  return scores;
}

/** Compares hits with brute force; equal scores may differ in the last digits and so in their order. */
async function expectExact(
  index: SegmentsLexicalIndex,
  documents: readonly LexicalDocument[],
  text: string,
  level: Level,
  scope: LexicalScope,
  topK: number,
): Promise<void> {
  const scores = bruteForce(documents, text, level);
  const inScope = documents.filter(
    (document) =>
      scope.collectionIds.includes(document.collectionId) &&
      (scope.documentIds === undefined || scope.documentIds.includes(document.documentId)),
  );
  const ids = inScope.flatMap((document) =>
    level === 'document' ? [document.documentId] : document.chunks.map((chunk) => chunk.chunkId),
  );
  const expected = ids.map((id) => scores.get(id) ?? 0).filter((score) => score > 0);
  expected.sort((a, b) => b - a);
  const hits = await index.query(text, { ...scope, topK, level });
  expect(hits).toHaveLength(Math.min(topK, expected.length));
  hits.forEach((hit, i) => {
    const id = level === 'document' ? hit.documentId : hit.chunkIds[0]!;
    expect(ids).toContain(id);
    expect(hit.score).toBeCloseTo(expected[i]!, 4);
    expect(hit.score).toBeCloseTo(scores.get(id)!, 4);
  });
}

async function expectSame(
  index: SegmentsLexicalIndex,
  documents: readonly LexicalDocument[],
  random: (below: number) => number,
  queries = 6,
): Promise<void> {
  expect(await index.count()).toBe(documents.reduce((sum, document) => sum + document.chunks.length, 0));
  for (let i = 0; i < queries; i++) {
    const collectionIds = shelves.filter(() => random(3) > 0);
    const some = documents.filter(() => random(10) === 0).map((document) => document.documentId);
    const scope = { collectionIds, ...(random(3) === 0 ? { documentIds: some } : {}) };
    for (const level of ['document', 'chunk'] as const)
      await expectExact(index, documents, someWords(random, 1 + random(6)), level, scope, 1 + random(20));
  }
}

const rows = async (): Promise<number> => {
  const [row]: { n: number }[] = await database.dataSource.query(
    'select count(*)::int as n from lexical_segments',
  );
  return row!.n;
};

const followerOf = (index: SegmentsLexicalIndex): SegmentFollower =>
  (index as unknown as { follower: SegmentFollower }).follower;

/** Also the small ones, which a process would merge by itself. */
const adoptAll = (index: SegmentsLexicalIndex): Promise<void> => followerOf(index).adopt(0);

const rangesOf = (index: SegmentsLexicalIndex): Promise<SequenceRange[]> =>
  followerOf(index).runNow({ kind: 'ranges' });

/** One random change through one of the processes. */
async function change(
  index: SegmentsLexicalIndex,
  random: (below: number) => number,
  alive: LexicalDocument[],
): Promise<void> {
  const at = random(alive.length || 1);
  const old = alive[at];
  const what = random(10);
  if (old !== undefined && what === 0) {
    alive.splice(at, 1);
    await library.remove(old);
  } else if (old !== undefined && what < 4) {
    const next = { ...randomDraft(random, old.documentId), collectionId: old.collectionId };
    alive[at] = next;
    await library.publish(index, next);
  } else {
    const added = Array.from({ length: 1 + random(3) }, () => randomDraft(random));
    alive.push(...added);
    await library.publish(index, ...added);
  }
}

test.each([1, 2, 3])('hits are those of BM25 computed plainly (random corpus %i)', async (seed) => {
  const random = randomNumbers(seed);
  const index = await start();
  const alive: LexicalDocument[] = [];
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 15; i++) await change(index, random, alive);
    await expectSame(index, alive, random);
  }
  await index.compact();
  expect(await rows()).toBeLessThan(12);
  await adoptAll(index);
  expect(await rangesOf(index)).toHaveLength(await rows());
  await expectSame(index, alive, random);
  await expectSame(await start(), alive, random);
});

test.each([11, 12])(
  'processes at different points stay right while segments are merged (%i)',
  async (seed) => {
    const random = randomNumbers(seed);
    const processes = [await start(), await start(), await start()];
    const alive: LexicalDocument[] = [];
    for (let round = 0; round < 40; round++) {
      // Each process reads now and then only, so that merges replace what some have read and others not.
      await change(processes[random(3)]!, random, alive);
      if (random(6) === 0) await expectSame(processes[random(3)]!, alive, random, 1);
      if (random(8) === 0) await processes[random(3)]!.compact();
      if (random(6) === 0) await adoptAll(processes[random(3)]!);
      if (random(25) === 0) await processes[random(3)]!.rebuild();
    }
    for (const index of [...processes, await start()]) await expectSame(index, alive, random, 3);
  },
);

test('adds, queries, merges and a rebuild at the same time lose nothing', async () => {
  const random = randomNumbers(5);
  const [one, two] = [await start(), await start()];
  const alive: LexicalDocument[] = [];
  const writers = [one, two].map(async (index, writer) => {
    const mine: LexicalDocument[] = [];
    for (let i = 0; i < 40; i++) {
      await change(index, random, mine);
      const [last] = mine.slice(-1);
      if (last === undefined) continue;
      // Whatever else goes on, an add that returned is found, on the other process too.
      const other = writer === 0 ? two : one;
      const title = `${last.title ?? ''} ${last.chunks[0]!.text}`;
      const [score] = await other.scores(title, [last.documentId], { level: 'document' });
      expect(score).toBeGreaterThan(0);
    }
    alive.push(...mine);
  });
  const state = { writing: true };
  const merging = (async () => {
    while (state.writing) {
      await Promise.all([one.compact(), two.compact()]);
      await Promise.all([adoptAll(one), adoptAll(two)]);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const rebuilding = (async () => {
    await one.rebuild();
    await two.rebuild();
  })();
  await Promise.all([...writers, rebuilding]);
  state.writing = false;
  await merging;
  for (const index of [one, two, await start()]) await expectSame(index, alive, random, 3);
});

test('the name of a file changes nothing about documents that came without one', async () => {
  const index = await start();
  const shelf = shelves[0]!;
  const texts = [
    library.draft(shelf, 'Annual report', ['Revenue and margin of the second quarter of 2022.']),
    library.draft(shelf, null, ['The margin of AMD, in brief.', 'Quarterly revenue.']),
  ];
  const third = library.draft(shelf, null, ['Something else.', 'Revenue, once more.']);
  await library.publish(index, ...texts, third);
  const ids = texts.map(({ documentId }) => documentId);
  const ask = () => index.scores('AMD revenue second quarter 2022', ids, { level: 'document' });
  const before = await ask();
  const named = { ...third, versionId: randomUUID(), fileName: 'AMD_2022Q2_revenue.pdf' };
  named.chunks = third.chunks.map((chunk) => ({ ...chunk, chunkId: randomUUID() }));
  await library.publish(index, named);
  expect(await ask()).toEqual(before);
  const hits = await index.query('AMD revenue second quarter 2022', {
    topK: 3,
    level: 'document',
    collectionIds: shelves,
  });
  expect(hits[0]!.versionId).toBe(named.versionId);
});

/** As an older version would have stored them: well-formed and with their own checksum. */
async function makeOlder(): Promise<void> {
  const stored: { sequence: string; bytes: Buffer }[] = await database.dataSource.query(
    'select sequence, bytes from lexical_segments where chunk_count > 0',
  );
  for (const { sequence, bytes } of stored) {
    const older = Buffer.from(bytes);
    older.writeUInt32LE(4, 4);
    await database.dataSource.query(
      'update lexical_segments set bytes = $2, checksum = $3 where sequence = $1',
      [sequence, older, crc32(older)],
    );
  }
}

const damage = (which: 'min' | 'max'): Promise<unknown> =>
  database.dataSource.query(
    `update lexical_segments set bytes = 'x' where sequence = (select ${which}(sequence) from lexical_segments)`,
  );

/** What this index analyses is done, and is not handed out until `held` is. Resolves when that is waited for. */
function holdAnalysis(index: SegmentsLexicalIndex): Promise<void> {
  const { analysis } = index as unknown as { analysis: AnalysisThread };
  const segment = analysis.segment.bind(analysis);
  const asked = Promise.withResolvers<void>();
  analysis.segment = async (documents) => {
    const made = await segment(documents);
    asked.resolve();
    await held.promise;
    return made;
  };
  return asked.promise;
}

const threadOf = (index: SegmentsLexicalIndex): SearchThread =>
  (followerOf(index) as unknown as { thread: SearchThread }).thread;

/** As `holdAnalysis`: questions for what is missing do not reach the search thread before. */
function holdMissing(index: SegmentsLexicalIndex): Promise<void> {
  const thread = threadOf(index);
  const run = thread.run.bind(thread);
  const asked = Promise.withResolvers<void>();
  thread.run = async (task, transfer) => {
    if (task.kind === 'missing') {
      asked.resolve();
      await held.promise;
    }
    return await run(task, transfer);
  };
  return asked.promise;
}

const sequences = async (): Promise<string[]> => {
  const stored: { sequence: string }[] = await database.dataSource.query(
    'select sequence from lexical_segments order by sequence',
  );
  return stored.map(({ sequence }) => sequence);
};

const storedChunks = async (): Promise<number> => {
  const [row]: { n: number }[] = await database.dataSource.query(
    'select sum(chunk_count)::int as n from lexical_segments',
  );
  return row!.n;
};

test('segments of another version are made anew', async () => {
  const index = await start();
  await index.settled();
  const drafts = [library.draft(shelves[0]!, 'Old', ['A lighthouse of an older version.'])];
  await library.publish(index, ...drafts);
  await makeOlder();
  const told = jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
  const alarmed = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  const later = await start();
  const hits = await later.query('lighthouse', { topK: 3, level: 'document', collectionIds: [shelves[0]!] });
  expect(hits.map((hit) => hit.documentId)).toEqual([drafts[0]!.documentId]);
  expect(await rows()).toBe(1);
  expect(told.mock.calls.flat()).toContainEqual(expect.stringContaining('another version'));
  expect(alarmed).not.toHaveBeenCalled();
});

test('until an index of another version is made anew, a query is refused as unavailable', async () => {
  const random = randomNumbers(16);
  const index = await start();
  await index.settled();
  await index.compact();
  const alive = Array.from({ length: 6 }, () => randomDraft(random));
  for (const document of alive) await library.publish(index, document);
  await makeOlder();
  jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
  const later = create();
  const asked = holdAnalysis(later);
  await later.createIndex();
  await asked;
  const query = { topK: 5, collectionIds: shelves, level: 'document' as const };
  const unavailable = { code: 'service_unavailable', status: 503 };
  await expect(later.query(VOCABULARY[50]!, query)).rejects.toMatchObject(unavailable);
  await expect(later.count()).rejects.toMatchObject(unavailable);
  // Of what is added meanwhile nothing is stored twice.
  const added = randomDraft(random);
  await library.publish(index, added);
  held.resolve();
  await later.settled();
  await expectSame(later, [...alive, added], random);
  expect(await storedChunks()).toBe(await later.count());
});

test('while a damaged segment is repaired, queries find all else, and what is added', async () => {
  const index = await start();
  await index.settled();
  await index.compact();
  const shelf = shelves[0]!;
  const drafts = ['lighthouse', 'harbour', 'harbour'].map((word) => library.draft(shelf, null, [word]));
  for (const document of drafts) await library.publish(index, document);
  jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  await damage('min');
  const later = create();
  const asked = holdAnalysis(later);
  await later.createIndex();
  await asked;
  const found = async (text: string) =>
    (await later.query(text, { topK: 5, level: 'document', collectionIds: [shelf] }))
      .map(({ versionId }) => versionId)
      .toSorted();
  const versions = (...documents: LexicalDocument[]) =>
    documents.map(({ versionId }) => versionId).toSorted();
  expect(await found('lighthouse harbour')).toEqual(versions(...drafts.slice(1)));
  expect(later.isIncomplete).toBe(true);
  const added = library.draft(shelf, null, ['lighthouse']);
  await library.publish(index, added);
  expect(await found('lighthouse')).toEqual(versions(added));
  held.resolve();
  await later.settled();
  expect(await found('lighthouse')).toEqual(versions(drafts[0]!, added));
  expect(later.isIncomplete).toBe(false);
  expect(await rows()).toBe(4);
});

test.each([
  ['documents are analysed', holdAnalysis],
  ['it looks for what is missing', holdMissing],
])('a repair stores nothing any more when the index is closed while %s', async (_, hold) => {
  const random = randomNumbers(17);
  const index = await start();
  await index.settled();
  await index.compact();
  for (let i = 0; i < 5; i++) await library.publish(index, randomDraft(random));
  jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  await damage('min');
  const before = await sequences();
  const later = create();
  const asked = hold(later);
  await later.createIndex();
  await asked;
  const closing = later.close();
  while (threadOf(later).running) await nextTurn();
  held.resolve();
  await closing;
  expect(await sequences()).toEqual(before);
  await expect(later.count()).rejects.toMatchObject({ code: 'service_unavailable' });
  expect(threadOf(later).running).toBe(false);
});

test('a repair indexes only what is missing where the search thread dies meanwhile', async () => {
  const random = randomNumbers(18);
  const index = await start();
  await index.settled();
  await index.compact();
  const alive = Array.from({ length: 5 }, () => randomDraft(random));
  for (const document of alive) await library.publish(index, document);
  jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  await damage('max');
  const later = create();
  const asked = holdMissing(later);
  await later.createIndex();
  await asked;
  await killSearchThread(later);
  held.resolve();
  await later.settled();
  await expectSame(later, alive, random, 2);
  await later.settled();
  expect(await storedChunks()).toBe(await later.count());
});

test('a damaged segment is noticed and its documents are indexed again', async () => {
  const random = randomNumbers(6);
  const index = await start();
  const alive = Array.from({ length: 20 }, () => randomDraft(random));
  for (const document of alive) await library.publish(index, document);
  await library.remove(alive.pop()!);
  const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  await database.dataSource.query(
    `update lexical_segments set bytes = set_byte(bytes, octet_length(bytes) / 2, 255 - get_byte(bytes, octet_length(bytes) / 2))
     where sequence in (select sequence from lexical_segments order by sequence limit 3)`,
  );
  await damage('max');
  const [fresh, second] = [await start(), await start()];
  await Promise.all([fresh.settled(), second.settled()]);
  await Promise.all([expectSame(fresh, alive, random), expectSame(second, alive, randomNumbers(7))]);
  expect(logged.mock.calls.join()).toContain('damaged');
  logged.mockClear();
  await expectSame(await start(), alive, random);
  expect(logged).not.toHaveBeenCalled();
  await expectSame(index, alive, random);
});

test('damage that a merge meets is repaired too', async () => {
  const random = randomNumbers(8);
  const index = await start();
  // The merge that every start plans must not come between the adds and the damage.
  await index.settled();
  await index.compact();
  const alive = Array.from({ length: 12 }, () => randomDraft(random));
  for (const document of alive) await library.publish(index, document);
  await expectSame(index, alive, random, 1);
  jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  await database.dataSource.query(
    `update lexical_segments set bytes = set_byte(bytes, 40, 255 - get_byte(bytes, 40))
     where sequence = (select min(sequence) from lexical_segments)`,
  );
  await expect(index.compact()).rejects.toThrow('damaged');
  await expectSame(index, alive, random);
  await index.compact();
  expect(await rows()).toBe(1);
  await expectSame(await start(), alive, random);
});

test('documents that no segment holds are added at the start', async () => {
  const random = randomNumbers(9);
  const alive = Array.from({ length: 10 }, () => randomDraft(random));
  const index = await start();
  await library.publish(index, ...alive);
  await database.dataSource.query('delete from lexical_segments');
  jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  const later = await start();
  while ((await later.count()) === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await expectSame(later, alive, random);
});

test('the search thread may die at any time', async () => {
  const random = randomNumbers(10);
  const index = await start();
  const alive = Array.from({ length: 10 }, () => randomDraft(random));
  await library.publish(index, ...alive);
  await expectSame(index, alive, random, 1);
  const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  await killSearchThread(index);
  await expectSame(index, alive, random, 2);
  const asked = Array.from({ length: 20 }, () => index.count());
  await killSearchThread(index);
  const chunks = alive.reduce((sum, document) => sum + document.chunks.length, 0);
  expect(await Promise.all(asked)).toEqual(asked.map(() => chunks));
  expect(logged.mock.calls.join()).toContain('started again');
});

test('scores for a search that goes on are given, or refused as unavailable, where the thread died meanwhile', async () => {
  const random = randomNumbers(15);
  const index = await start();
  const alive = Array.from({ length: 10 }, () => randomDraft(random));
  await library.publish(index, ...alive);
  const text = VOCABULARY.slice(0, 40).join(' ');
  const ids = alive.map(({ documentId }) => documentId);
  const scores = () => index.scores(text, ids, { level: 'document', asOfLastQuery: true });
  await index.query(text, { topK: 5, level: 'document', collectionIds: shelves });
  const before = await scores();
  expect(before.some((score) => score > 0)).toBe(true);
  jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  const asked = Array.from({ length: 20 }, scores);
  await killSearchThread(index);
  expect(await Promise.all(asked)).toEqual(asked.map(() => before));
  await killSearchThread(index);
  expect(await scores()).toEqual(before);

  const { thread } = (index as unknown as { follower: { thread: SearchThread } }).follower;
  jest.spyOn(thread, 'run').mockRejectedValue(new ThreadLost('it dies each time'));
  await expect(scores()).rejects.toMatchObject({ code: 'service_unavailable', status: 503 });
});

async function killSearchThread(index: SegmentsLexicalIndex): Promise<void> {
  const { worker } = (
    index as unknown as { follower: { thread: { worker: import('node:worker_threads').Worker } } }
  ).follower.thread;
  await worker.terminate();
}

test('retirements are forgotten only after a day, and when nothing stored needs them', async () => {
  const random = randomNumbers(13);
  const index = await start();
  // Else the merge that a start begins could take some of the documents, and leave too few for another.
  await index.settled();
  await index.compact();
  const alive = Array.from({ length: 9 }, () => randomDraft(random));
  for (const document of alive) await library.publish(index, document);
  await library.remove(alive.pop()!);
  const retired = async () =>
    (await database.dataSource.query<unknown[]>('select 1 from retired_versions')).length;
  await index.compact();
  expect(await retired()).toBe(1);
  await database.dataSource.query(`update retired_versions set retired_at = now() - interval '2 days'`);
  await index.compact();
  expect(await retired()).toBe(0);
  await expectSame(await start(), alive, random);

  await library.remove(alive.pop()!);
  await database.dataSource.query(`update retired_versions set retired_at = now() - interval '2 days'`);
  await index.compact();
  expect(await retired()).toBe(1);
  await expectSame(await start(), alive, random);
});

test('a version that is stored again counts once, in its new collection', async () => {
  const index = await start();
  const [from, to] = shelves as [string, string];
  const document = library.draft(from, 'Moving', ['house']);
  await library.publish(index, document);
  const write = await index.prepare([{ ...document, collectionId: to }]);
  await database.dataSource.transaction((transaction) => write.store(transaction));
  const find = (collection: string) =>
    index.query('house', { topK: 5, level: 'document', collectionIds: [collection] });
  expect(await find(from)).toEqual([]);
  expect(await find(to)).toHaveLength(1);
  expect(await index.count()).toBe(1);
});

test('thousands of single adds stay few and small in memory and are loaded quickly', async () => {
  const random = randomNumbers(14);
  const alive = Array.from({ length: 2000 }, () => randomDraft(random));
  const index = await start();
  const writes = await Promise.all(alive.map((document) => index.prepare([document])));
  await database.dataSource.transaction(async (transaction) => {
    for (const write of writes) await write.store(transaction);
  });
  expect(await rows()).toBe(2000);
  const scope = { topK: 10, level: 'document' as const, collectionIds: shelves };
  const before = await index.query(VOCABULARY[50]!, scope);
  expect(before).toHaveLength(10);
  await index.compact();
  expect(await rows()).toBeLessThan(12);
  const fresh = new SegmentsLexicalIndex(database.dataSource);
  open.push(fresh);
  expect(await fresh.query(VOCABULARY[50]!, scope)).toEqual(before);
});

test('an unknown id, or one in capitals, is looked up like any other', async () => {
  const index = await start();
  const document = library.draft(shelves[0]!, null, ['kiwi']);
  await library.publish(index, document);
  const ids = [document.documentId.toUpperCase(), randomUUID(), ''];
  const scores = await index.scores('kiwi', ids, { level: 'document' });
  expect(scores[0]).toBeGreaterThan(0);
  expect(scores.slice(1)).toEqual(new Float64Array(2));
});

test('the database is asked only after something was committed', async () => {
  const index = await start();
  await index.settled();
  await index.compact();
  await library.publish(index, randomDraft(randomNumbers(5)));
  const query = { topK: 5, collectionIds: shelves, level: 'document' as const };
  await index.query('w0q', query);
  const asked = jest.spyOn(database.dataSource, 'query');
  await index.query('w0q', query);
  expect(asked).not.toHaveBeenCalled();
  await database.dataSource.transaction(async (transaction) => {
    await transaction.query('select 1');
  });
  await index.query('w0q', query);
  expect(asked).toHaveBeenCalled();
});
