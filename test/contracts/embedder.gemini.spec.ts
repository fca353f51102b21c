import { inspect } from 'node:util';
import { GeminiEmbeddingApi } from '../../src/embeddings/adapters/gemini/gemini-embedding.api.js';
import { RemoteEmbedder, type RemoteLimits } from '../../src/embeddings/remote/remote-embedder.js';
import { FakeGemini, type FakeTurn } from '../support/fake-gemini.js';
import { embedderContract } from './embedder.contract.js';

const DIMENSIONS = 256;
const info = {
  modelId: 'gemini:gemini-test',
  dimensions: DIMENSIONS,
  maxTokens: 200,
  scoreScale: { unrelated: 0.55, matching: 0.8 },
};

describe('Gemini embeddings', () => {
  let fake: FakeGemini;
  let embedder: RemoteEmbedder;
  const make = (limits: Partial<RemoteLimits> = {}): RemoteEmbedder =>
    new RemoteEmbedder(
      new GeminiEmbeddingApi({ apiKey: fake.key, model: fake.model, baseUrl: fake.url, info }),
      { backoff: 1, ...limits },
    );
  const passages = (texts: string[], by = embedder): Promise<Float32Array[]> =>
    by.embed(texts, { kind: 'passage' });
  const query = (text: string, by = embedder): Promise<Float32Array[]> => by.embed([text], { kind: 'query' });

  beforeAll(async () => {
    fake = await FakeGemini.start();
  });
  beforeEach(() => {
    fake.reset();
    embedder = make();
  });
  afterAll(() => fake.stop());

  describe('as any encoder', () => {
    // A server of its own: what is given up here may still be arriving when the next test counts requests.
    let own: FakeGemini;
    beforeAll(async () => {
      own = await FakeGemini.start();
    });
    afterAll(() => own.stop());
    embedderContract({
      create: async () =>
        new RemoteEmbedder(
          new GeminiEmbeddingApi({ apiKey: own.key, model: own.model, baseUrl: own.url, info }),
          { backoff: 1 },
        ),
      similarities: [{ a: 'a cat on a sofa', b: 'A cat on a sofa.', cosine: 1 }],
      tolerance: 0.001,
      batchTolerance: 0.000_01,
    });
  });

  it('asks for its kind and length, with the key in a header', async () => {
    await query('what is lift');
    await passages(['lift is a force', 'drag is another']);
    const { requests } = fake;
    expect(requests.map(({ path }) => path)).toEqual(
      Array.from({ length: 2 }, () => `/v1beta/models/${fake.model}:batchEmbedContents`),
    );
    expect(requests.every(({ key }) => key === fake.key)).toBe(true);
    const [asked, told] = requests.map(({ body }) => body['requests'] as Record<string, unknown>[]);
    expect(asked).toEqual([
      expect.objectContaining({ taskType: 'RETRIEVAL_QUERY', outputDimensionality: 256 }),
    ]);
    expect(told).toHaveLength(2);
    expect(told?.[0]).toMatchObject({ taskType: 'RETRIEVAL_DOCUMENT' });
  });

  it('packs many texts into few requests, of a hundred texts at most', async () => {
    await passages(Array.from({ length: 250 }, (_, i) => `passage number ${i}`));
    expect(fake.requests).toHaveLength(3);
  });

  it('sends no text that is longer than the model reads', async () => {
    await passages(['word '.repeat(5_000), 'x'.repeat(3_000), '桥'.repeat(1_000)]);
    const texts = fake.requests.flatMap(({ body }) =>
      (body['requests'] as { content: { parts: { text: string }[] } }[]).map(
        ({ content }) => content.parts[0]?.text ?? '',
      ),
    );
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThanOrEqual(1_000);
    expect(texts.join('').replaceAll(/\s/g, '').length).toBe(4 * 5_000 + 3_000 + 1_000);
  });

  it.each<[string, FakeTurn[]]>([
    ['overload', [{ status: 503 }, { status: 500 }]],
    ['a quota without a word on when', [{ status: 429 }]],
    ['a short wait', [{ status: 429, retryAfter: '1' }]],
    ['unreadable words', [{ raw: '{"embeddings": [{"val' }]],
    ['no vectors', [{ raw: '{}' }]],
  ])('asks again after %s', async (_name, turns) => {
    fake.next(...turns);
    expect(await passages(['a'])).toHaveLength(1);
    expect(fake.requests).toHaveLength(turns.length + 1);
  });

  it.each<[string, FakeTurn, RegExp]>([
    ['a long wait', { status: 429, retryDelay: '60s' }, /quota/],
    ['a refused key', { status: 403 }, /GOOGLE_API_KEY/],
    ['an unknown model', { status: 404 }, /EMBEDDING_MODEL/],
    ['a wrong request', { status: 400 }, /refused/],
    [
      'vectors of another length',
      { raw: '{"embeddings":[{"values":[1,2,3]}]}' },
      /3 dimensions instead of 256/,
    ],
    ['too few vectors', { raw: '{"embeddings":[]}' }, /0 vectors for 1/],
    [
      'vectors of nothing',
      { raw: `{"embeddings":[{"values":[${'0,'.repeat(255)}0]}]}` },
      /a vector that is none/,
    ],
  ])('does not ask again after %s', async (_name, turn, detail) => {
    fake.next(turn);
    const failed = passages(['a']);
    await expect(failed).rejects.toMatchObject({
      code: 'encoder_unavailable',
      status: 503,
      detail: expect.stringMatching(detail),
    });
    expect(fake.requests).toHaveLength(1);
    await failed.catch((error: unknown) => expect(inspect(error, { depth: 10 })).not.toContain(fake.key));
  });

  it('a query does not wait long, and after several failures not at all', async () => {
    const hasty = make({ query: 100, pause: 60_000 });
    fake.otherwise = { hang: true };
    for (let i = 0; i < 5; i++)
      await expect(query('?', hasty)).rejects.toMatchObject({
        code: 'encoder_unavailable',
        detail: /in time/,
      });
    const before = fake.requests.length;
    await expect(query('?', hasty)).rejects.toMatchObject({ code: 'encoder_unavailable', detail: /pause/ });
    expect(fake.requests).toHaveLength(before);
    fake.otherwise = { answer: '' };
  });

  it('is closed for good, and ends what is under way', async () => {
    fake.next({ hang: true });
    const under = expect(passages(['a'])).rejects.toMatchObject({ code: 'encoder_unavailable' });
    while (fake.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await embedder.close();
    await under;
    await expect(query('late')).rejects.toMatchObject({ code: 'encoder_unavailable' });
  });
});
