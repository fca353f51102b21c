import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MANIFEST, manifestText } from '../manifest.js';
import type { KnownModel, ModelFile } from '../models.types.js';
import { ModelError } from './model-error.js';

const PREFIX = '.staging-';
const ABANDONED_MS = 6 * 3_600_000;

/** A folder beside the models where one is put together; nothing in it counts until it is moved into place. */
export async function createStaging(modelsDir: string): Promise<string> {
  await fs.promises.mkdir(modelsDir, { recursive: true, mode: 0o700 });
  await removeAbandoned(modelsDir);
  const dir = path.join(modelsDir, PREFIX + randomUUID());
  await fs.promises.mkdir(path.join(dir, 'onnx'), { recursive: true, mode: 0o700 });
  return dir;
}

/** What an interrupted installation left behind. */
async function removeAbandoned(modelsDir: string): Promise<void> {
  for (const name of await fs.promises.readdir(modelsDir)) {
    if (!name.startsWith(PREFIX)) continue;
    const dir = path.join(modelsDir, name);
    const stat = await fs.promises.stat(dir).catch(() => undefined);
    if (stat && Date.now() - stat.mtimeMs > ABANDONED_MS)
      await fs.promises.rm(dir, { recursive: true, force: true });
  }
}

/**
 * Writes one file and checks its size and SHA-256 on the way. A source that sends more than the expected number
 * of bytes is cut off there.
 * @throws ModelError when the bytes are not those of the manifest
 */
export async function stageFile(
  staging: string,
  file: ModelFile,
  source: Readable,
  onBytes: (bytes: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<void> {
  const hash = createHash('sha256');
  let bytes = 0;
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > file.bytes) return done(new ModelError(`${file.path} is larger than ${file.bytes} bytes`));
      hash.update(chunk);
      onBytes(bytes);
      done(null, chunk);
    },
  });
  const target = path.join(staging, file.path);
  await pipeline(
    source,
    check,
    fs.createWriteStream(target, { mode: 0o600, flush: true }),
    signal ? { signal } : {},
  );
  if (bytes !== file.bytes) throw new ModelError(`${file.path} has ${bytes} of ${file.bytes} bytes`);
  if (hash.digest('hex') !== file.sha256)
    throw new ModelError(`${file.path} is not the file of the manifest: its SHA-256 differs`);
}

/**
 * Adds what no source carries: the configuration files, the manifest, and a tokenizer without the truncation to 128
 * tokens and the padding that the published one is fixed to.
 */
export async function completeStaging(staging: string, model: KnownModel): Promise<void> {
  const target = path.join(staging, model.tokenizer.path);
  const tokenizer = JSON.parse(await fs.promises.readFile(target, 'utf8')) as Record<string, unknown>;
  const cleared = JSON.stringify({ ...tokenizer, truncation: null, padding: null });
  await fs.promises.writeFile(target, cleared, { mode: 0o600, flush: true });
  const written = { ...model.generated, [MANIFEST]: manifestText(model) };
  for (const [name, content] of Object.entries(written))
    await fs.promises.writeFile(path.join(staging, name), content, { mode: 0o600, flush: true });
  await syncStaging(staging);
}

export async function syncStaging(staging: string): Promise<void> {
  for (const dir of [path.join(staging, 'onnx'), staging]) await syncDirectory(dir);
}

/** Makes the names in a folder survive a loss of power. */
export async function syncDirectory(dir: string): Promise<void> {
  const handle = await fs.promises.open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
