import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadSettings } from '../../src/config/load-settings.js';
import { embeddingsOf } from '../../src/embeddings/embeddings.module.js';
import { findModel } from '../../src/embeddings/models.js';
import { importModel } from '../../src/embeddings/store/install-model.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { activeIndex, expectWhole, reach, uses } from '../support/encoder-switch.js';
import { describeWithShared, sharedDir } from '../support/shared.js';

const MINILM = 'all-MiniLM-L6-v2';
const BGE = 'bge-small-en-v1.5';
const OWN = 'our-own-encoder';
const { queryPrefix, similarities } = findModel(BGE)!;

/** A copy of a published encoder under a name that nothing knows, with these words about it. */
function published(
  from: string,
  to: string,
  manifest: object | string,
  without: readonly string[] = [],
): void {
  fs.cpSync(path.join(sharedDir, 'models', from), to, {
    recursive: true,
    filter: (file) => !without.includes(path.basename(file)),
  });
  const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest);
  fs.writeFileSync(path.join(to, 'encoder.json'), text);
}

describeWithShared('encoders that a file describes', [`models/${MINILM}`, `models/${BGE}`], () => {
  let scratch: string;
  let modelsDir: string;
  let app: TestApp;
  let admin: Browser;

  beforeAll(async () => {
    scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'described-'));
    modelsDir = path.join(scratch, 'models');
    published(MINILM, path.join(modelsDir, MINILM), {});
    app = await startTestApp({ MODELS_DIR: modelsDir });
    admin = await new Browser(app, app.admin).signedIn();
    await uses(admin, MINILM);
    const documents = [
      { doc_id: 'cat', text: 'The cat naps on our sofa.' },
      { doc_id: 'tax', text: 'Tax is due in spring.' },
    ];
    await admin.post('/rag/add_documents', { body: { documents, wait_ms: 60_000 } });
  });
  afterAll(async () => {
    await app?.close();
    fs.rmSync(scratch, { recursive: true, force: true });
  });

  const change = (encoder: string): ReturnType<Browser['post']> =>
    admin.post('/admin/index', { body: { encoder } });
  const settings = (): { modelsDir: string; embeddingModel: string } => ({
    modelsDir,
    embeddingModel: MINILM,
  });

  it('are imported from a folder, chosen by name, and come first in a new installation', async () => {
    expect((await change(OWN)).body.code).toBe('unknown_encoder');
    const from = path.join(scratch, 'from');
    published(BGE, from, {
      query_prefix: queryPrefix,
      languages: ['en'],
      similarities,
      lexical_weight: 0.35,
    });
    const imported = await importModel(settings(), from, {}, OWN);
    expect([imported.dir, imported.model.pooling]).toEqual([path.join(modelsDir, OWN), 'cls']);
    const { body } = await admin.get('/admin/index');
    expect(body.encoders).toContainEqual({ name: OWN, dimensions: 384, usable: true, advice: null });
    expect((await change(OWN)).status).toBe(202);
    await reach(admin, 'done');
    await uses(admin, OWN);
    await expectWhole(app, (await activeIndex(admin)).id);
    const query = { query: 'a feline animal resting', mode: 'dense', n_results: 2 };
    const found = await admin.post('/rag/rag_query', { body: query });
    expect(found.body.results.map((one: { id: string }) => one.id)).toEqual(['cat', 'tax']);

    const second = await startTestApp({ MODELS_DIR: modelsDir, EMBEDDING_MODEL: OWN });
    try {
      await uses(await new Browser(second, second.admin).signedIn(), OWN);
    } finally {
      await second.close();
    }
  });

  it('are refused where the description is not theirs, and nothing is left of them', async () => {
    const wrong = path.join(scratch, 'wrong');
    // Nothing in the folder says otherwise, but the similarities do.
    const known = findModel(MINILM)!.similarities;
    published(MINILM, wrong, { pooling: 'cls', similarities: known }, ['1_Pooling']);
    await expect(importModel(settings(), wrong, {})).rejects.toThrow(
      /wrong was not accepted: .*have similarity/,
    );
    const long = path.join(scratch, 'long');
    published(BGE, long, { query_prefix: 'many words '.repeat(20), max_tokens: 32 });
    await expect(importModel(settings(), long, {})).rejects.toThrow(/prefix of a query has 40 of 32 tokens/);
    const sums = path.join(scratch, 'sums');
    published(BGE, sums, { sha256: { 'tokenizer.json': 'a'.repeat(64) } });
    await expect(importModel(settings(), sums, {})).rejects.toThrow(/SHA-256 differs/);
    const none = path.join(scratch, 'none');
    published(MINILM, none, {}, ['encoder.json']);
    fs.rmSync(path.join(none, 'encoder.json'));
    await expect(importModel(settings(), none, {}, 'nobody')).rejects.toThrow(/needs an encoder\.json/);
    expect(fs.readdirSync(modelsDir).toSorted()).toEqual([MINILM, OWN]);
  });

  it('are named with what is wrong where a folder was put there by hand', async () => {
    published(BGE, path.join(modelsDir, 'contradicted'), { pooling: 'mean' });
    published(BGE, path.join(modelsDir, 'broken'), '{');
    const { body } = await admin.get('/admin/index');
    for (const [name, reason] of [
      ['contradicted', /says pooling "mean", but .* says "cls"/],
      ['broken', /encoder\.json is not valid JSON/],
    ] as const) {
      expect(body.encoders).toContainEqual(
        expect.objectContaining({ name, usable: false, advice: expect.stringMatching(reason) }),
      );
      const refused = await change(name);
      expect([refused.status, refused.body.code]).toEqual([400, 'unknown_encoder']);
      expect(refused.body.detail).toMatch(reason);
      const begin = (): unknown =>
        embeddingsOf(
          loadSettings({ DATA_DIR: scratch, MODELS_DIR: modelsDir, EMBEDDING_MODEL: name }, '0.0.0-test'),
        );
      expect(begin).toThrow(reason);
    }
    for (const name of ['../models/our-own-encoder', '.', '..', 'a/b', 'x\u0000y'])
      expect((await change(name)).body.code).toMatch(/unknown_encoder|validation_failed/);
  });

  it('do not change the length of vectors that are kept', async () => {
    await admin.post('/admin/index/rollback');
    await reach(admin, 'done');
    await uses(admin, MINILM);
    // The same name for another model: its folder says another width.
    const config = path.join(modelsDir, OWN, 'config.json');
    const told = JSON.parse(fs.readFileSync(config, 'utf8'));
    fs.writeFileSync(config, JSON.stringify({ ...told, hidden_size: 256 }));
    const refused = await change(OWN);
    expect([refused.status, refused.body.code]).toEqual([409, 'conflict']);
    expect(refused.body.detail).toMatch(/holds vectors of 384/);
  });
});
