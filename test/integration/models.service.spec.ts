import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { ConfigError } from '../../src/config/config-error.js';
import { loadSettings } from '../../src/config/load-settings.js';
import type { Settings } from '../../src/config/settings.js';
import { TransformersLoader } from '../../src/embeddings/adapters/transformers/transformers.loader.js';
import { EmbeddingsService } from '../../src/embeddings/embeddings.service.js';
import type { EncoderInfo } from '../../src/embeddings/embeddings.types.js';
import { importModel } from '../../src/embeddings/store/install-model.js';
import { loadTokenCounter } from '../../src/embeddings/token-counter.js';
import { cosine, describeWithModels, sharedModelDir } from '../contracts/embedder.models.js';

const NAME = 'all-MiniLM-L6-v2';

let scratch: string;
let service: EmbeddingsService | undefined;
const settingsFor = (env: Record<string, string> = {}): Settings =>
  loadSettings({ DATA_DIR: scratch, MODEL_DOWNLOAD: 'off', ...env }, '0.0.0-test');
const start = (env?: Record<string, string>): EmbeddingsService => {
  service = new EmbeddingsService(settingsFor(env), new TransformersLoader());
  service.start();
  return service;
};

async function until(embeddings: EmbeddingsService, state: string): Promise<void> {
  for (let waited = 0; embeddings.state().state !== state; waited += 50) {
    if (waited > 60_000) throw new Error(`still ${JSON.stringify(embeddings.state())}, not ${state}`);
    await sleep(50);
  }
}

beforeEach(() => {
  Logger.overrideLogger(false);
  scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'service-'));
});
afterEach(async () => {
  await service?.close();
  service = undefined;
  fs.rmSync(scratch, { recursive: true, force: true });
});

describe('the encoder service without a model', () => {
  it('refuses a model that the manifest does not know', () => {
    expect(
      () => new EmbeddingsService(settingsFor({ EMBEDDING_MODEL: 'word2vec' }), new TransformersLoader()),
    ).toThrow(ConfigError);
  });

  it('says what is missing and how to get it', async () => {
    const embeddings = start();
    await until(embeddings, 'missing');
    expect(embeddings.state()).toMatchObject({
      detail: expect.stringMatching(/models:install.*models:import/),
    });
    expect(embeddings.modelDir()).toBeUndefined();
    const failure = {
      code: 'encoder_unavailable',
      status: 503,
      detail: expect.stringContaining('models:install'),
    };
    await expect(embeddings.embedQuery('a question')).rejects.toMatchObject(failure);
    await expect(embeddings.embedPassages(['a passage'])).rejects.toMatchObject(failure);
  });
});

describeWithModels('the encoder service', [NAME], () => {
  it('becomes ready when the model arrives, without a restart', async () => {
    const embeddings = start();
    const heard: EncoderInfo[] = [];
    embeddings.onReady((encoder) => heard.push(encoder));
    await until(embeddings, 'missing');
    await importModel(settingsFor(), sharedModelDir(NAME));
    await until(embeddings, 'ready');
    expect(heard).toEqual([
      {
        modelId: NAME,
        dimensions: 384,
        maxTokens: 256,
        scoreScale: { unrelated: 0.1, matching: 0.6 },
        languages: ['en'],
      },
    ]);
    const dir = embeddings.modelDir();
    expect(dir).toBe(path.join(scratch, 'models', NAME));
    expect((await loadTokenCounter(dir))('Hello, world!')).toBe(4);
    expect(await embeddings.embedQuery('a question')).toHaveLength(384);
  });

  it('tells late listeners too', async () => {
    const embeddings = start({ MODELS_DIR: path.dirname(sharedModelDir(NAME)) });
    await until(embeddings, 'ready');
    expect(await new Promise((resolve) => embeddings.onReady(resolve))).toMatchObject({ modelId: NAME });
  });

  it('embeds passages and queries in one space, and remembers queries without sharing them', async () => {
    const embeddings = start({ MODELS_DIR: path.dirname(sharedModelDir(NAME)) });
    await until(embeddings, 'ready');
    const [passage] = await embeddings.embedPassages(['Penguins feed on krill and fish.']);
    const first = await embeddings.embedQuery('what do penguins eat');
    expect(cosine(first, passage ?? new Float32Array())).toBeGreaterThan(0.5);
    const kept = first.slice();
    first.fill(0);
    expect(await embeddings.embedQuery('what do penguins eat')).toEqual(kept);
  });

  it('says what is wrong with damaged files, and recovers when they are replaced', async () => {
    const dir = path.join(scratch, 'models', NAME);
    fs.cpSync(sharedModelDir(NAME), dir, { recursive: true });
    const onnx = path.join(dir, 'onnx/model_quantized.onnx');
    fs.chmodSync(onnx, 0o600);
    fs.truncateSync(onnx, 1_000_000);
    const embeddings = start();
    await until(embeddings, 'failed');
    expect(embeddings.state()).toMatchObject({
      detail: expect.stringMatching(/has 1000000 bytes.*models:install/),
    });
    await expect(embeddings.embedQuery('a question')).rejects.toMatchObject({ code: 'encoder_unavailable' });
    await importModel(settingsFor(), sharedModelDir(NAME));
    await until(embeddings, 'ready');
  });

  it('answers nothing after it was closed', async () => {
    const embeddings = start({ MODELS_DIR: path.dirname(sharedModelDir(NAME)) });
    await until(embeddings, 'ready');
    await embeddings.close();
    await expect(embeddings.embedQuery('too late')).rejects.toMatchObject({ code: 'encoder_unavailable' });
  });
});
