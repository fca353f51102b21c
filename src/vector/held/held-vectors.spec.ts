import { randomUUID } from 'node:crypto';
import { joinUuids, uuidBytes } from '../../common/search/uuid-bytes.js';
import { feedbackPassages, movedTowards } from '../feedback.js';
import type { Feedback, VectorHit, VectorQuery, VectorRecord } from '../vector.types.js';
import { packFeedback } from './held-feedback.js';
import { readHits } from './held-hits.js';
import { HeldVectors } from './held-vectors.js';

const DIMENSIONS = 50;

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}
const next = random(20_261_125);
const vectorOf = (): Float32Array => Float32Array.from({ length: DIMENSIONS }, () => next() * 2 - 1);

function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  a.forEach((x, i) => {
    dot += x * b[i]!;
    aa += x * x;
    bb += b[i]! * b[i]!;
  });
  return dot / Math.sqrt(aa * bb);
}

function batch(records: readonly VectorRecord[]) {
  const ids = Buffer.concat(
    records.flatMap((r) =>
      [r.chunkId, r.versionId, r.documentId, r.collectionId].map((id) => uuidBytes(id)!),
    ),
  );
  const vectors = new Float32Array(records.length * DIMENSIONS);
  records.forEach((record, i) => vectors.set(record.vector, i * DIMENSIONS));
  return { ids, vectors };
}

const record = (collectionId: string, documentId: string = randomUUID()): VectorRecord => ({
  chunkId: randomUUID(),
  versionId: documentId,
  documentId,
  collectionId,
  vector: vectorOf(),
});

const best = (records: readonly VectorRecord[], probe: Float32Array, topK: number): string[] =>
  records
    .map((r) => ({ id: r.chunkId, cosine: cosine(r.vector, probe) }))
    .sort((a, b) => b.cosine - a.cosine)
    .slice(0, topK)
    .map((r) => r.id);

/** The same hits in the same order, but that those a rounding apart may have changed places. */
function expectSame(hits: readonly VectorHit[], wanted: readonly string[], cosineTo: (id: string) => number) {
  expect(hits).toHaveLength(wanted.length);
  hits.forEach((hit, i) => expect(cosineTo(hit.chunkId)).toBeCloseTo(cosineTo(wanted[i]!), 3));
  expect(new Set(hits.map((hit) => hit.chunkId)).size).toBe(wanted.length);
}

const query = (
  held: HeldVectors,
  vector: Float32Array,
  { include = [], ...asked }: VectorQuery,
  feedback?: Feedback,
): VectorHit[] =>
  readHits(
    held.query(vector, { ...asked, include: joinUuids(include) }, feedback && packFeedback(feedback)),
    include,
  );
const scores = (held: HeldVectors, ...asked: Parameters<HeldVectors['scores']>): VectorHit[] =>
  readHits(held.scores(...asked));

describe('vectors in memory', () => {
  test('finds what a comparison with each vector finds, also after replacing and removing', () => {
    const held = new HeldVectors(DIMENSIONS);
    const collections = Array.from({ length: 40 }, (): string => randomUUID());
    const records = new Map<string, VectorRecord>();
    for (let round = 0; round < 30; round++) {
      const added = Array.from({ length: 1 + Math.floor(next() * 150) }, () =>
        record(collections[Math.floor(next() ** 3 * collections.length)]!),
      );
      for (const known of [...records.values()].filter(() => next() < 0.1))
        added.push({ ...known, vector: vectorOf() });
      held.add(batch(added));
      for (const each of added) records.set(each.chunkId, each);
      const gone = [...records.values()].filter(() => next() < 0.15);
      held.removeVersions(gone.map((each) => each.versionId));
      for (const each of gone) records.delete(each.chunkId);
      expect(held.size.rows).toBe(records.size);

      const collectionIds = collections.filter(() => next() < 0.5);
      const probe = vectorOf();
      const inScope = [...records.values()].filter((each) => collectionIds.includes(each.collectionId));
      const hits = query(held, probe, { topK: 20, collectionIds });
      const cosineTo = (id: string): number => cosine(records.get(id)!.vector, probe);
      expectSame(hits, best(inScope, probe, 20), cosineTo);
      for (const hit of hits)
        expect(hit.distance).toBeCloseTo(1 - cosine(records.get(hit.chunkId)!.vector, probe), 3);

      const some = inScope.filter(() => next() < 0.2);
      const documentIds = some.map((each) => each.documentId);
      const narrow = query(held, probe, { topK: 7, collectionIds, documentIds });
      expectSame(narrow, best(some, probe, 7), cosineTo);
    }
  });

  test('a second look finds what a comparison of the moved vector with each vector finds', () => {
    const held = new HeldVectors(DIMENSIONS);
    const collections = Array.from({ length: 5 }, (): string => randomUUID());
    // Around a few centres, as passages are: the first look can then tell far from near.
    const centres = Array.from({ length: 12 }, vectorOf);
    const near = (centre: Float32Array, spread: number): Float32Array =>
      centre.map((value) => value + spread * (next() * 2 - 1));
    const records = Array.from({ length: 4000 }, (_, i) => ({
      ...record(collections[i % collections.length]!),
      vector: near(centres[i % centres.length]!, 0.2 + next()),
    }));
    held.add(batch(records));
    const gone = new Set(records.filter(() => next() < 0.1).map((each) => each.versionId));
    held.removeVersions([...gone]);
    const vectorsById = new Map(records.map((each) => [each.chunkId, each.vector]));
    const documentsById = new Map(records.map((each) => [each.chunkId, each.documentId]));
    for (let round = 0; round < 60; round++) {
      const probe = near(centres[round % centres.length]!, round % 3);
      const collectionIds = collections.filter(() => next() < 0.7);
      const inScope = records.filter(
        (each) => collectionIds.includes(each.collectionId) && !gone.has(each.versionId),
      );
      const some = round % 4 === 0 ? inScope.filter(() => next() < 0.5) : undefined;
      const documentIds = some?.map((each) => each.documentId);
      const elsewhere = records.filter(
        (each) => round % 5 === 0 && !inScope.includes(each) && !gone.has(each.versionId),
      );
      const words = [...inScope.slice(0, 5), ...elsewhere.slice(0, 2)].map(({ chunkId, documentId }, i) => ({
        chunkId,
        documentId,
        score: 5 - i,
      }));
      const feedback = {
        share: [0.3, 1, 4][round % 3]!,
        documents: 2,
        topK: 25,
        words,
        others: 0,
        wordsWeight: 0.4,
      };
      const include = [...elsewhere.slice(0, 4), ...inScope.slice(0, 8)].map((each) => each.chunkId);
      const hits = query(held, probe, { topK: 100, collectionIds, documentIds, include }, feedback);

      const first = query(held, probe, {
        topK: 25,
        collectionIds,
        documentIds,
        include: words.map((w) => w.chunkId),
      });
      const passages = feedbackPassages(first, feedback).map((id) => vectorsById.get(id)!);
      const moved = movedTowards(probe, passages, feedback.share);
      const cosineTo = (id: string): number => cosine(vectorsById.get(id)!, moved);
      const wanted = best(some ?? inScope, moved, 100);
      expectSame(hits.slice(0, wanted.length), wanted, cosineTo);
      const nearest = new Set(hits.slice(0, wanted.length).map((hit) => hit.chunkId));
      expect(hits.slice(wanted.length).map((hit) => hit.chunkId)).toEqual(
        include.filter((id) => !nearest.has(id)),
      );
      for (const hit of hits) {
        expect(hit.distance).toBeCloseTo(1 - cosineTo(hit.chunkId), 3);
        expect(hit.ownDistance).toBeCloseTo(1 - cosine(vectorsById.get(hit.chunkId)!, probe), 3);
        expect(hit.documentId).toBe(documentsById.get(hit.chunkId));
        expect(hit.includedAs).toBe(include.length > 0 ? include.indexOf(hit.chunkId) : undefined);
      }
    }
  });

  test('gives the distances of any chunks that it has', () => {
    const held = new HeldVectors(DIMENSIONS);
    const records = Array.from({ length: 10 }, () => record(randomUUID()));
    held.add(batch(records));
    const [first, second] = records as [VectorRecord, VectorRecord];
    const hits = scores(held, first.vector, [second.chunkId, first.chunkId, randomUUID(), 'nonsense']);
    expect(hits.map((hit) => hit.chunkId)).toEqual([second.chunkId, first.chunkId]);
    expect(hits[1]!.distance).toBeCloseTo(0, 4);
    expect(hits[0]!.distance).toBeCloseTo(1 - cosine(first.vector, second.vector), 4);
  });

  test('equal vectors come in the order of their ids', () => {
    const held = new HeldVectors(DIMENSIONS);
    const collectionId = randomUUID();
    const vector = vectorOf();
    const records = Array.from({ length: 30 }, () => ({ ...record(collectionId), vector }));
    held.add(batch(records));
    const hits = query(held, vector, { topK: 5, collectionIds: [collectionId] });
    expect(hits.map((hit) => hit.chunkId)).toEqual(
      records
        .map((each) => each.chunkId)
        .sort()
        .slice(0, 5),
    );
  });

  test('memory is used again when collections come and go', () => {
    const held = new HeldVectors(DIMENSIONS);
    const fill = (): VectorRecord[] => {
      const collectionId = randomUUID();
      const records = Array.from({ length: 500 }, () => record(collectionId));
      held.add(batch(records));
      return records;
    };
    const sizes: number[] = [];
    for (let round = 0; round < 8; round++) {
      const records = fill();
      sizes.push(held.size.bytes);
      held.removeVersions(records.map((each) => each.versionId));
    }
    expect(new Set(sizes).size).toBe(1);
    expect(held.size.rows).toBe(0);
  });

  test('a vector of the greatest length in one direction stays in range', () => {
    const held = new HeldVectors(DIMENSIONS);
    const steep = Float32Array.from({ length: DIMENSIONS }, (_, i) => (i === 3 ? 1e30 : 0));
    const one = { ...record(randomUUID()), vector: steep };
    held.add(batch([one]));
    const [hit] = scores(held, steep, [one.chunkId]);
    expect(hit!.distance).toBeCloseTo(0, 6);
    const [opposite] = scores(
      held,
      steep.map((value) => -value),
      [one.chunkId],
    );
    expect(opposite!.distance).toBeCloseTo(2, 6);
  });
});
