import { AppError } from '../../common/errors/app-error.js';
import type { LexicalHit } from '../../lexical/lexical.types.js';
import { feedbackPassages, movedTowards } from '../../vector/feedback.js';
import type { Feedback, VectorHit, VectorQuery } from '../../vector/vector.types.js';
import { DEFAULT_TUNING, HybridSearch, type SearchRequest, type SearchTuning } from './hybrid-search.js';

interface Passage {
  document: string;
  chunk: string;
  vector: number[];
  /** BM25 of the passage. */
  words: number;
}

const unit = (values: number[]): Float32Array => {
  const length = Math.hypot(...values);
  return Float32Array.from(values, (value) => value / length);
};
const cosine = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  const [x, y] = [unit(Array.from(a)), unit(Array.from(b))];
  return x.reduce((sum, value, i) => sum + value * y[i]!, 0);
};

/** Both retrievers over a few passages, computed plainly. */
class Parts {
  readonly asked = { vectors: 0, twice: 0, bm25: [] as string[][] };
  failing: { lexical?: AppError; vectors?: AppError } = {};

  constructor(private readonly passages: readonly Passage[]) {}

  readonly lexical = {
    isIncomplete: false,
    query: (_text: string, { topK, level }: { topK: number; level: string }): Promise<LexicalHit[]> => {
      if (this.failing.lexical) return Promise.reject(this.failing.lexical);
      const matching = this.passages.filter((passage) => passage.words > 0);
      const ids =
        level === 'chunk' ? matching.map((p) => p.chunk) : [...new Set(matching.map((p) => p.document))];
      const hits = ids.map((id) => {
        const own = matching.filter((p) => (level === 'chunk' ? p.chunk : p.document) === id);
        own.sort((a, b) => b.words - a.words);
        return {
          documentId: own[0]!.document,
          versionId: '',
          chunkIds: own.slice(0, 2).map((p) => p.chunk),
          score: this.bm25(id),
        };
      });
      return Promise.resolve(hits.sort((a, b) => b.score - a.score).slice(0, topK));
    },
    scores: (_text: string, ids: readonly string[]): Promise<Float64Array> => {
      this.asked.bm25.push([...ids]);
      return Promise.resolve(Float64Array.from(ids, (id) => this.bm25(id)));
    },
  };

  readonly vectors = {
    query: (vector: Float32Array, { topK, include = [] }: VectorQuery): Promise<VectorHit[]> => {
      if (this.failing.vectors) return Promise.reject(this.failing.vectors);
      this.asked.vectors++;
      const hits = this.hits(vector).sort((a, b) => a.distance - b.distance);
      return Promise.resolve([
        ...hits.slice(0, topK),
        ...hits.filter((hit) => include.includes(hit.chunkId)),
      ]);
    },
    scores: (vector: Float32Array, ids: readonly string[]): Promise<VectorHit[]> =>
      Promise.resolve(this.hits(vector).filter((hit) => ids.includes(hit.chunkId))),
    queryTwice: (vector: Float32Array, feedback: Feedback, query: VectorQuery): Promise<VectorHit[]> => {
      const include = new Set(feedback.words.map(({ chunkId }) => chunkId));
      this.asked.twice++;
      const first = this.hits(vector).sort((a, b) => a.distance - b.distance);
      const near = first.filter(({ chunkId }, i) => i < feedback.topK || include.has(chunkId));
      const chosen = feedbackPassages(near, feedback);
      const others = this.passages.filter((p) => chosen.includes(p.chunk)).map((p) => unit(p.vector));
      return this.vectors.query(movedTowards(vector, others, feedback.share), query);
    },
  };

  private bm25(id: string): number {
    return this.passages
      .filter((p) => p.chunk === id || p.document === id)
      .reduce((sum, passage) => sum + passage.words, 0);
  }

  private hits(vector: Float32Array): VectorHit[] {
    return this.passages.map((p) => ({
      chunkId: p.chunk,
      documentId: p.document,
      versionId: '',
      distance: 1 - cosine(vector, p.vector),
    }));
  }
}

const PASSAGES: Passage[] = [
  { document: 'a', chunk: 'a1', vector: [1, 0.1, 0, 0], words: 5 },
  { document: 'a', chunk: 'a2', vector: [0, 0, 1, 0], words: 1 },
  { document: 'b', chunk: 'b1', vector: [0.9, 0.5, 0, 0], words: 0 },
  { document: 'c', chunk: 'c1', vector: [0.2, 1, 0, 0], words: 4 },
  { document: 'd', chunk: 'd1', vector: [0, 0, 0.1, 1], words: 0 },
];
const QUERY = unit([1, 0, 0, 0]);

function search(passages = PASSAGES, tuning: Partial<SearchTuning> = {}) {
  const parts = new Parts(passages);
  const { lexical, vectors } = parts;
  const hybrid = new HybridSearch({ lexical, vectors, tuning: { ...DEFAULT_TUNING, ...tuning } });
  const ask = (request: Partial<SearchRequest> = {}) =>
    hybrid.search({
      query: 'words',
      scope: { collectionIds: ['x'] },
      limit: 10,
      mode: 'hybrid',
      grouping: 'none',
      vector: Promise.resolve(QUERY),
      ...request,
    });
  return { parts, ask };
}

const down = (code: 'vector_store_unavailable' | 'service_unavailable'): AppError =>
  new AppError(code, 'down');

describe('HybridSearch', () => {
  it('gives every candidate both scores, and a document the passage nearest to the query', async () => {
    const { ask } = search();
    const { units, mode, degraded } = await ask({ grouping: 'document' });
    expect({ mode, degraded }).toEqual({ mode: 'hybrid', degraded: [] });
    expect(units.map((found) => found.id)).toEqual(['a', 'b', 'c', 'd']);
    expect(units[0]).toMatchObject({ chunkId: 'a1', lexical: 6 });
    expect(units[1]).toMatchObject({ chunkId: 'b1', lexical: 0 });
  });

  it('looks a second time from where the best passages are, and shows distances of the query itself', async () => {
    const { parts, ask } = search();
    const { units } = await ask();
    expect(parts.asked.twice).toBe(1);
    for (const found of units) {
      const { vector } = PASSAGES.find((p) => p.chunk === found.chunkId)!;
      expect(found.cosine).toBeCloseTo(cosine(QUERY, vector), 5);
    }
    expect(parts.asked.bm25.flat()).toHaveLength(new Set(parts.asked.bm25.flat()).size);
    const once = search(PASSAGES, { feedback: 0 });
    await once.ask();
    expect(once.parts.asked).toMatchObject({ vectors: 1, twice: 0 });
  });

  it('finds by the second look what the first one missed', async () => {
    const far = Array.from({ length: 6 }, (_, i) => ({
      document: `n${i}`,
      chunk: `n${i}`,
      vector: [0.75, 0, 0.66 - i * 0.001, 0],
      words: 0,
    }));
    const passages = [
      { document: 'top', chunk: 'top', vector: [0.8, 0.6, 0, 0], words: 9 },
      { document: 'alike', chunk: 'alike', vector: [0.7, 0.714, 0, 0], words: 0 },
      ...far,
    ];
    const tuning = { depth: 3, feedbackDocuments: 1, feedback: 1 };
    const { ask } = search(passages, tuning);
    const { units } = await ask({ limit: 2 });
    expect(units.map((found) => found.id)).toContain('alike');
    const without = await search(passages, { ...tuning, feedback: 0 }).ask({ limit: 2 });
    expect(without.units.map((found) => found.id)).not.toContain('alike');
  });

  it('ranks the first ten alike, however many are wanted', async () => {
    const passages = Array.from({ length: 400 }, (_, i) => ({
      document: `d${i % 200}`,
      chunk: `c${String(i).padStart(3, '0')}`,
      vector: [1, Math.sin(i * 7.3), Math.cos(i * 1.7), Math.sin(i * 0.37)],
      words: i % 3 === 0 ? 0 : 1 + Math.abs(Math.sin(i * 3.1)) * 9,
    }));
    const { ask } = search(passages);
    for (const grouping of ['none', 'document'] as const) {
      const few = (await ask({ limit: 10, grouping })).units.slice(0, 10).map((found) => found.id);
      const many = (await ask({ limit: 100, grouping })).units.slice(0, 10).map((found) => found.id);
      expect(many).toEqual(few);
    }
  });

  it('reads on where long documents fill the list with their passages', async () => {
    const passages = Array.from({ length: 600 }, (_, i) => ({
      document: `d${i < 500 ? 0 : i}`,
      chunk: `c${i}`,
      vector: [1, i / 600, 0, 0],
      words: 0,
    }));
    const { ask } = search(passages);
    const { units } = await ask({ grouping: 'document', limit: 50 });
    expect(units.length).toBeGreaterThanOrEqual(50);
  });

  it('answers by words, and says so, where there is no vector or no store', async () => {
    const { parts, ask } = search();
    const error = new AppError('encoder_unavailable', 'none');
    expect(await ask({ vector: Promise.resolve(error) })).toMatchObject({
      mode: 'lexical',
      degraded: ['encoder_unavailable'],
      units: [{ id: 'a1', dense: undefined, score: 5 }, { id: 'c1' }, { id: 'a2' }],
    });
    await expect(ask({ mode: 'dense', vector: Promise.resolve(error) })).rejects.toBe(error);
    parts.failing.vectors = down('vector_store_unavailable');
    expect(await ask()).toMatchObject({ mode: 'lexical', degraded: ['vector_store_unavailable'] });
  });

  it('answers by meaning, and says so, where the word index is down', async () => {
    const { parts, ask } = search();
    parts.failing.lexical = down('service_unavailable');
    const { units, mode, degraded } = await ask();
    expect({ mode, degraded }).toEqual({ mode: 'dense', degraded: ['service_unavailable'] });
    expect(units[0]?.id).toBe('a1');
    await expect(ask({ mode: 'lexical' })).rejects.toBe(parts.failing.lexical);
  });

  it('says so where the word index lacks passages for now', async () => {
    const { parts, ask } = search();
    parts.lexical.isIncomplete = true;
    expect(await ask()).toMatchObject({ mode: 'hybrid', degraded: ['words_incomplete'] });
    expect(await ask({ mode: 'lexical' })).toMatchObject({ degraded: ['words_incomplete'] });
    expect(await ask({ mode: 'dense' })).toMatchObject({ degraded: [] });
    parts.failing.vectors = down('vector_store_unavailable');
    expect(await ask()).toMatchObject({ degraded: ['vector_store_unavailable', 'words_incomplete'] });
  });

  it('fails only where both are down, and never hides a fault', async () => {
    const { parts, ask } = search();
    parts.failing = { lexical: down('service_unavailable'), vectors: down('vector_store_unavailable') };
    await expect(ask()).rejects.toMatchObject({ status: 503 });
    parts.failing = { vectors: new TypeError('a bug') as never };
    await expect(ask()).rejects.toThrow('a bug');
  });

  it('lets words decide where the encoder cannot read the query, and meaning only among equals', async () => {
    const passages = [
      { document: 'a', chunk: 'near', vector: [1, 0, 0, 0], words: 0 },
      { document: 'b', chunk: 'nearer', vector: [1, 0.1, 0, 0], words: 1 },
      { document: 'c', chunk: 'words', vector: [0, 1, 0, 0], words: 9 },
    ];
    const { ask } = search(passages, { feedback: 0 });
    const order = async (query: string, languages?: string[]) =>
      (await ask({ query, languages })).units.map((found) => found.id);
    expect(await order('長城有多長', ['en'])).toEqual(['words', 'nearer', 'near']);
    expect((await order('長城有多長', ['zh'])).at(-1)).toBe((await order('how long')).at(-1));
    const none = passages.map((passage) => ({ ...passage, words: 0 }));
    const { units } = await search(none, { feedback: 0 }).ask({ query: '長城有多長', languages: ['en'] });
    expect(units.map((found) => found.id)).toEqual(['near', 'nearer', 'words']);
  });

  it('asks no vector store for words, and no word index for meaning', async () => {
    const { parts, ask } = search();
    await ask({ mode: 'lexical', vector: undefined });
    expect(parts.asked.vectors).toBe(0);
    await ask({ mode: 'dense' });
    expect(parts.asked).toEqual({ vectors: 1, twice: 0, bm25: [] });
  });
});
