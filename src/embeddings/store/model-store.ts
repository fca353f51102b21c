import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { EncoderModel } from '../models.types.js';
import type { EncoderLoader } from '../encoder-loader.port.js';
import { ModelError } from './model-error.js';
import { MANIFEST } from '../manifest.js';
import { createStaging, syncDirectory } from './staging.js';

const exists = (file: string): Promise<boolean> =>
  fs.promises.access(file).then(
    () => true,
    () => false,
  );

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of fs.createReadStream(file, { highWaterMark: 256 * 1024 }))
    hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** The encoders installed in `MODELS_DIR`, each in a folder of its name in the layout of transformers.js. */
export class ModelStore {
  constructor(
    private readonly modelsDir: string,
    private readonly loader: EncoderLoader,
  ) {}

  /** Where the model stands when it is installed. */
  dir(model: EncoderModel): string {
    return path.join(this.modelsDir, model.name);
  }

  /**
   * Changes whenever the installed files do; `undefined` while one of them is missing. Cheap enough to ask for
   * every few seconds.
   */
  async fingerprint(model: EncoderModel): Promise<string | undefined> {
    const files = ['config.json', model.tokenizer.path, model.onnx.path].map((file) =>
      path.join(this.dir(model), file),
    );
    const stats = await Promise.all(files.map((file) => fs.promises.stat(file).catch(() => undefined)));
    if (stats.includes(undefined)) return undefined;
    // Who puts a wrong description right is not to wait for another attempt.
    const manifest = await fs.promises.stat(path.join(this.dir(model), MANIFEST)).catch(() => undefined);
    return [...stats, manifest].map((stat) => `${stat?.ino}:${stat?.size}:${stat?.mtimeMs}`).join(' ');
  }

  /** @throws ModelError when an installed file is not the one of the description, as far as that says what it is */
  async verify(model: EncoderModel): Promise<void> {
    const onnx = path.join(this.dir(model), model.onnx.path);
    const { size } = await fs.promises.stat(onnx);
    if (model.onnx.bytes !== undefined && size !== model.onnx.bytes)
      throw new ModelError(`${onnx} has ${size} bytes, not ${model.onnx.bytes}`);
    for (const file of [model.onnx, model.tokenizer]) {
      const wanted = [file.sha256, file.clearedSha256].filter((sum) => sum !== undefined);
      const installed = path.join(this.dir(model), file.path);
      if (wanted.length > 0 && !wanted.includes(await sha256(installed)))
        throw new ModelError(`${installed} is not the file of the manifest: its SHA-256 differs`);
    }
  }

  /** Whether all files are there and those of the manifest. */
  async isInstalled(model: EncoderModel): Promise<boolean> {
    if ((await this.fingerprint(model)) === undefined) return false;
    return this.verify(model).then(
      () => true,
      (error: unknown) => {
        if (error instanceof ModelError) return false;
        throw error;
      },
    );
  }

  /**
   * Installs a model: `fill` writes its files into a staging folder and says what they are, the model is loaded and
   * must reproduce its known similarities, and only then it is moved into place in one step.
   * Whoever installs the same model at the same time does no harm: the first to finish wins.
   */
  async install(
    fill: (staging: string) => Promise<EncoderModel>,
    onCheck: () => void,
  ): Promise<{ model: EncoderModel; dir: string }> {
    const staging = await createStaging(this.modelsDir);
    try {
      const model = await fill(staging);
      onCheck();
      await this.accept(staging, model);
      await this.moveIntoPlace(model, staging);
      return { model, dir: this.dir(model) };
    } finally {
      await fs.promises.rm(staging, { recursive: true, force: true });
    }
  }

  /** @throws ModelError when the files do not load or give other similarities than the manifest knows */
  private async accept(modelDir: string, model: EncoderModel): Promise<void> {
    try {
      const embedder = await this.loader.load({ modelDir, model, workers: 1 });
      await embedder.close();
    } catch (error) {
      throw new ModelError(`${model.name} was not accepted: ${(error as Error).message}`);
    }
  }

  private async moveIntoPlace(model: EncoderModel, staging: string): Promise<void> {
    const target = this.dir(model);
    for (let attempt = 0; attempt < 3; attempt++) {
      // Only checksums tell that what is there already is the same.
      if (model.onnx.sha256 !== undefined && (await this.isInstalled(model))) return;
      // An incomplete or damaged copy cannot be renamed over; it goes aside first.
      const aside = path.join(this.modelsDir, `.staging-${randomUUID()}`);
      if (await exists(target)) await fs.promises.rename(target, aside).catch(ignoreMissing);
      try {
        await fs.promises.rename(staging, target);
        await syncDirectory(this.modelsDir);
        return;
      } catch (error) {
        if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      } finally {
        await fs.promises.rm(aside, { recursive: true, force: true });
      }
    }
    throw new ModelError(`${target} is being changed by somebody else`);
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
