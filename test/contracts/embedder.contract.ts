import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Embedder } from '../../src/embeddings/embedder.port.js';
import type { KnownSimilarity } from '../../src/embeddings/models.types.js';
import { cosine } from './embedder.models.js';

export interface EmbedderContract {
  create(): Promise<Embedder>;
  similarities: readonly KnownSimilarity[];
  tolerance: number;
  /** How much the same text may differ between batches. */
  batchTolerance: number;
}

const norm = (vector: Float32Array): number => Math.sqrt(cosine(vector, vector));
const sentences = (count: number): string[] =>
  Array.from(
    { length: count },
    (_, i) => `Report ${i}: ${'the wing carries a steady load '.repeat(1 + (i % 9))}at Mach ${i}.`,
  );

/** What every encoder must do, whatever computes it. */
export function embedderContract(subject: EmbedderContract): void {
  let embedder: Embedder;
  const passages = (texts: string[], signal?: AbortSignal): Promise<Float32Array[]> =>
    embedder.embed(texts, { kind: 'passage', signal });
  const one = async (text: string): Promise<Float32Array> => {
    const [vector] = await passages([text]);
    if (!vector) throw new Error('no vector');
    return vector;
  };

  beforeAll(async () => {
    embedder = await subject.create();
  });
  afterAll(() => embedder.close());

  it('reproduces known similarities', async () => {
    for (const { a, b, cosine: expected } of subject.similarities)
      expect(Math.abs(cosine(await one(a), await one(b)) - expected)).toBeLessThanOrEqual(subject.tolerance);
  });

  it('returns one unit vector per text', async () => {
    const vectors = await passages(sentences(40));
    expect(vectors).toHaveLength(40);
    for (const vector of vectors) {
      expect(vector).toHaveLength(embedder.dimensions);
      expect(norm(vector)).toBeCloseTo(1, 4);
    }
  });

  it('keeps the order of texts of different length, and a batch changes no vector', async () => {
    const texts = sentences(24).toReversed();
    const together = await passages(texts);
    for (const [i, text] of texts.entries()) {
      const alone = await one(text);
      expect(cosine(together[i] ?? new Float32Array(), alone)).toBeGreaterThan(1 - subject.batchTolerance);
    }
  });

  it('gives nothing for nothing', async () => {
    expect(await passages([])).toEqual([]);
  });

  it.each([
    ['an empty text', ''],
    ['white space', ' \n\t '],
    ['a NUL character', 'wing\0load'],
    ['lone surrogates', '\ud800 wing \udfff'],
    ['only marks that are not read', '\u200b\ufeff'],
    ['a word of 10,000 letters', 'x'.repeat(10_000)],
    ['an emoji with joiners', '👩‍👩‍👧'],
  ])('embeds %s', async (_, text) => {
    expect(norm(await one(text))).toBeCloseTo(1, 4);
  });

  it('reads the end of a text that is longer than its limit', async () => {
    const filler = 'The committee met on Monday and approved the minutes of the last meeting. '.repeat(60);
    const plain = await one(filler);
    const ending = await one(`${filler} ${'Penguins breed on the Antarctic ice in winter. '.repeat(20)}`);
    const penguins = await one('Penguins in Antarctica');
    expect(cosine(ending, penguins)).toBeGreaterThan(cosine(plain, penguins) + 0.05);
    expect(norm(ending)).toBeCloseTo(1, 4);
  });

  it('takes a query longer than its limit', async () => {
    const [vector] = await embedder.embed(['where do penguins breed in winter '.repeat(200)], {
      kind: 'query',
    });
    expect(norm(vector ?? new Float32Array())).toBeCloseTo(1, 4);
  });

  it('finds the passage that answers a question', async () => {
    const [question] = await embedder.embed(['What do penguins eat?'], { kind: 'query' });
    const [fish, tax] = await passages([
      'Penguins feed on krill, squid and fish.',
      'Value added tax is due every quarter.',
    ]);
    if (!question || !fish || !tax) throw new Error('no vectors');
    expect(cosine(question, fish)).toBeGreaterThan(cosine(question, tax) + 0.1);
  });

  it('answers many small requests at the same time, each with its own vectors', async () => {
    const texts = sentences(30);
    const vectors = await Promise.all(texts.map(one));
    const again = await passages(texts);
    for (const [i, vector] of vectors.entries())
      expect(cosine(vector, again[i] ?? new Float32Array())).toBeGreaterThan(1 - subject.batchTolerance);
  });

  it('stops with the reason of the signal, before and during the work, and goes on with others', async () => {
    const reason = new Error('the caller left');
    await expect(passages(['a'], AbortSignal.abort(reason))).rejects.toBe(reason);
    const leaving = new AbortController();
    const left = passages(sentences(400), leaving.signal);
    const staying = passages(sentences(10));
    const ended = expect(left).rejects.toBe(reason);
    // Begun, and not ended however slow this machine is and however quick the encoder.
    await nextTurn();
    leaving.abort(reason);
    await ended;
    expect(await staying).toHaveLength(10);
  });
}
