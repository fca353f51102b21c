import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { TransformersLoader } from '../../src/embeddings/adapters/transformers/transformers.loader.js';
import { importModel, installModel, type InstallProgress } from '../../src/embeddings/store/install-model.js';
import { ModelError } from '../../src/embeddings/store/model-error.js';
import type { EncoderModel } from '../../src/embeddings/models.types.js';
import { completeStaging } from '../../src/embeddings/store/staging.js';
import { ModelStore } from '../../src/embeddings/store/model-store.js';
import { describeWithModels, modelNamed, sharedModelDir } from '../contracts/embedder.models.js';
import { writeZip, type ZipEntry } from './models.archive.js';

const NAME = 'all-MiniLM-L6-v2';

describeWithModels('installing encoders', [NAME], () => {
  const model = modelNamed(NAME);
  const from = sharedModelDir(NAME);
  let scratch: string;
  let settings: { modelsDir: string; embeddingModel: string };
  let onnx: Buffer;
  let tokenizer: Buffer;

  beforeAll(() => {
    onnx = fs.readFileSync(path.join(from, model.onnx.path));
    tokenizer = fs.readFileSync(path.join(from, model.tokenizer.path));
  });
  beforeEach(() => {
    scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'models-'));
    settings = { modelsDir: path.join(scratch, 'models'), embeddingModel: NAME };
  });
  afterEach(() => fs.rmSync(scratch, { recursive: true, force: true }));

  const archive = (name: string, entries: ZipEntry[]): string => {
    const file = path.join(scratch, name);
    writeZip(file, entries);
    return file;
  };
  const jarEntries = (): ZipEntry[] => [
    { name: 'META-INF/MANIFEST.MF', data: Buffer.from('Manifest-Version: 1.0\n') },
    { name: 'all-minilm-l6-v2-q-tokenizer.json', data: tokenizer, deflate: true },
    { name: 'all-minilm-l6-v2-q.onnx', data: onnx },
  ];
  /** Nothing half done may stay behind, and nothing may stand in the model's place. */
  const expectNothingInstalled = (): void => {
    const left = fs.existsSync(settings.modelsDir) ? fs.readdirSync(settings.modelsDir) : [];
    expect(left).toEqual([]);
  };

  it('imports the jar that has no configuration, and clears its fixed padding', async () => {
    const { dir, source } = await importModel(settings, archive('minilm.jar', jarEntries()));
    expect(source).toBe('file');
    expect(dir).toBe(path.join(settings.modelsDir, NAME));
    const read = (name: string): Record<string, unknown> =>
      JSON.parse(fs.readFileSync(path.join(dir, name), 'utf8'));
    expect(read('config.json')).toMatchObject({ model_type: 'bert', num_hidden_layers: 6 });
    expect(read('tokenizer_config.json')).toMatchObject({ tokenizer_class: 'BertTokenizer' });
    expect(read('tokenizer.json')).toMatchObject({ truncation: null, padding: null });
    expect(fs.readdirSync(settings.modelsDir)).toEqual([NAME]);
    expect(await new ModelStore(settings.modelsDir, new TransformersLoader()).isInstalled(model)).toBe(true);
  });

  it('imports a zip with the layout in a folder of its own, and an installed folder again', async () => {
    const zip = archive('minilm.zip', [
      { name: 'all-MiniLM-L6-v2/onnx/model_quantized.onnx', data: onnx },
      { name: 'all-MiniLM-L6-v2/tokenizer.json', data: tokenizer },
    ]);
    const { dir } = await importModel(settings, zip);
    const elsewhere = { ...settings, modelsDir: path.join(scratch, 'other') };
    await importModel(elsewhere, dir);
    expect(await new ModelStore(elsewhere.modelsDir, new TransformersLoader()).isInstalled(model)).toBe(true);
  });

  it('accepts a folder as it was published', async () => {
    expect((await importModel(settings, from)).model.name).toBe(NAME);
  });

  it.each(['../outside.txt', '/etc/outside.txt', 'a/../../outside.txt', '..\\outside.txt'])(
    'refuses an archive with an entry %s',
    async (name) => {
      const zip = archive('evil.zip', [{ name, data: Buffer.from('x') }, ...jarEntries()]);
      await expect(importModel(settings, zip)).rejects.toThrow(ModelError);
      expect(fs.existsSync(path.join(scratch, 'outside.txt'))).toBe(false);
      expectNothingInstalled();
    },
  );

  it('refuses a network of the right size and other bytes', async () => {
    const changed = Buffer.from(onnx);
    changed.writeUInt8(changed.readUInt8(20_000_000) ^ 1, 20_000_000);
    const [manifest, tokens] = jarEntries() as [ZipEntry, ZipEntry];
    const zip = archive('changed.jar', [
      manifest,
      tokens,
      { name: 'all-minilm-l6-v2-q.onnx', data: changed },
    ]);
    await expect(importModel(settings, zip, {}, NAME)).rejects.toThrow(
      'onnx/model_quantized.onnx is not the file',
    );
    expectNothingInstalled();
  });

  it.each([
    ['a file that is no archive', () => path.join(from, 'config.json'), /is not a \.zip or \.jar/],
    ['a folder without a model', () => scratch, /holds no tokenizer\.json/],
    ['a path that is not there', () => path.join(scratch, 'nowhere.zip'), /no such file or folder/],
    [
      'an archive without a model',
      () => archive('e.zip', [{ name: 'a', data: Buffer.from('a') }]),
      /holds no tokenizer/,
    ],
  ])('says in one line what is wrong with %s', async (_, make, message) => {
    const failure = await importModel(settings, make()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ModelError);
    expect((failure as Error).message).toMatch(message);
    expect((failure as Error).message).not.toContain('\n');
    expectNothingInstalled();
  });

  it('replaces a damaged copy, and leaves a good one alone', async () => {
    const dir = path.join(settings.modelsDir, NAME);
    fs.mkdirSync(path.join(dir, 'onnx'), { recursive: true });
    fs.writeFileSync(path.join(dir, 'onnx/model_quantized.onnx'), 'half');
    await importModel(settings, from);
    expect(await new ModelStore(settings.modelsDir, new TransformersLoader()).isInstalled(model)).toBe(true);
    const before = fs.statSync(dir).ino;
    await importModel(settings, from);
    expect(fs.statSync(dir).ino).toBe(before);
  });

  it('installs once when several do it at the same time', async () => {
    const done = await Promise.all([1, 2, 3].map(() => importModel(settings, from)));
    expect(new Set(done.map(({ dir }) => dir)).size).toBe(1);
    expect(fs.readdirSync(settings.modelsDir)).toEqual([NAME]);
  });

  it('does not accept a model that gives other similarities', async () => {
    const [known] = model.similarities;
    if (!known) throw new Error('the manifest has no similarities');
    const strange = { ...model, similarities: [{ ...known, cosine: -0.5 }] };
    const store = new ModelStore(settings.modelsDir, new TransformersLoader());
    const fill = async (staging: string): Promise<EncoderModel> => {
      await fs.promises.writeFile(path.join(staging, model.tokenizer.path), tokenizer);
      await fs.promises.writeFile(path.join(staging, model.onnx.path), onnx);
      await completeStaging(staging, model);
      return strange;
    };
    await expect(store.install(fill, () => undefined)).rejects.toThrow(
      /was not accepted: .* have similarity/,
    );
    expectNothingInstalled();
  });

  describe('from the hub', () => {
    type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;
    let server: http.Server;
    let hubUrl: string;
    let asked: string[];
    const serve: Answer = (request, response) => {
      const prefix = `/${model.hub.repository}/resolve/${model.hub.revision}/`;
      const name = request.url?.startsWith(prefix) ? request.url.slice(prefix.length) : '';
      if (name === model.onnx.path) response.end(onnx);
      else if (name === model.tokenizer.path) response.end(tokenizer);
      else response.writeHead(404).end();
    };
    const listen = async (answer: Answer): Promise<void> => {
      asked = [];
      server = http.createServer((request, response) => {
        asked.push(request.url ?? '');
        answer(request, response);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      hubUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    };
    afterEach(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });

    it('fetches with progress, and only what is missing', async () => {
      await listen(serve);
      const seen: InstallProgress[] = [];
      const done = await installModel(settings, { hubUrl, onProgress: (progress) => seen.push(progress) });
      expect(done.source).toBe('hub');
      const last = seen.findLast((progress) => progress.total !== undefined);
      expect(last?.done).toBe(model.onnx.bytes + model.tokenizer.bytes);
      expect(seen.at(-1)?.text).toBe(`checking ${NAME}`);
      asked = [];
      expect((await installModel(settings, { hubUrl })).source).toBe('installed');
      expect(asked).toEqual([]);
    });

    it('refuses what is longer, shorter or other than the manifest says', async () => {
      for (const [body, message] of [
        [Buffer.concat([tokenizer, Buffer.from(' ')]), /is larger than/],
        [tokenizer.subarray(1), /711660 of 711661 bytes/],
        [Buffer.concat([tokenizer.subarray(1), Buffer.from(' ')]), /SHA-256 differs/],
      ] as const) {
        await listen((_, response) => void response.end(body));
        await expect(installModel(settings, { hubUrl })).rejects.toThrow(message);
        server.closeAllConnections();
        server.close();
      }
      await listen(serve);
      expectNothingInstalled();
    });

    it('tells of a refusal, and then asks Maven where that is allowed', async () => {
      await listen((_, response) => void response.writeHead(403).end());
      await expect(installModel(settings, { hubUrl })).rejects.toThrow(/answered 403 for tokenizer\.json$/);
      const both = installModel(settings, { hubUrl, allowMaven: true, mavenCommand: 'no-such-maven' });
      await expect(both).rejects.toThrow(/answered 403 .*; no-such-maven is not on the PATH$/);
    });

    it('takes the archive that the Maven client copies, and repeats its first error', async () => {
      await listen((_, response) => void response.writeHead(500).end());
      const jar = archive('artifact.jar', jarEntries());
      const script = (name: string, body: string): string => {
        const file = path.join(scratch, name);
        fs.writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
        return file;
      };
      const failing = script('failing', 'echo "[INFO] resolving"; echo "[ERROR] no such artifact"; exit 1');
      const refused = installModel(settings, { hubUrl, allowMaven: true, mavenCommand: failing });
      await expect(refused).rejects.toThrow(/failed: no such artifact$/);
      const copying = script(
        'copying',
        `for a in "$@"; do case "$a" in -DoutputDirectory=*) cp "${jar}" "\${a#-DoutputDirectory=}/a.jar";; esac; done`,
      );
      const done = await installModel(settings, { hubUrl, allowMaven: true, mavenCommand: copying });
      expect(done.source).toBe('maven');
      expect(fs.readdirSync(done.dir).toSorted()).toEqual([
        'config.json',
        'encoder.json',
        'onnx',
        'tokenizer.json',
        'tokenizer_config.json',
      ]);
    });

    it('gives up on a host that accepts and stays silent', async () => {
      await listen(() => undefined);
      const startedAt = Date.now();
      await expect(installModel(settings, { hubUrl })).rejects.toThrow(/does not answer/);
      expect(Date.now() - startedAt).toBeLessThan(60_000);
    });

    it('stops when it is told to, and leaves nothing', async () => {
      const stop = new AbortController();
      await listen((_, response) => {
        response.write(tokenizer.subarray(0, 1_000));
        setTimeout(() => stop.abort(new Error('enough')), 50);
      });
      await expect(installModel(settings, { hubUrl, signal: stop.signal })).rejects.toThrow('enough');
      expectNothingInstalled();
    });
  });
});
