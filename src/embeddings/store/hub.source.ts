import { Readable } from 'node:stream';
import type { KnownModel, ModelFile } from '../models.types.js';
import { ModelError } from './model-error.js';
import { stageFile } from './staging.js';

const HUB_URL = 'https://huggingface.co';
/** A machine without network is told within this time. */
const ANSWER_MS = 6_000;
const STALL_MS = 30_000;

export interface HubOptions {
  hubUrl?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Bytes of all files together, so far and in total. */
  onBytes(done: number, total: number): void;
}

/** Node hides the reason of a failed fetch in nested causes. */
function reasonOf(error: unknown): string {
  const { cause, code, message } = error as { cause?: unknown; code?: string; message?: string };
  if (cause instanceof Error) return reasonOf(cause);
  return code ?? message ?? String(error);
}

/**
 * Fetches the published files from the Hugging Face hub.
 * @throws ModelError that names the host and the reason
 */
export async function fetchFromHub(model: KnownModel, staging: string, options: HubOptions): Promise<void> {
  const base = `${options.hubUrl ?? HUB_URL}/${model.hub.repository}/resolve/${model.hub.revision}/`;
  const files = [model.tokenizer, model.onnx];
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  let before = 0;
  for (const file of files) {
    await fetchFile(base + file.path, file, staging, {
      ...options,
      onBytes: (done) => options.onBytes(before + done, total),
    });
    before += file.bytes;
  }
}

async function fetchFile(url: string, file: ModelFile, staging: string, options: HubOptions): Promise<void> {
  const host = new URL(url).host;
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), ANSWER_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, silence.signal]) : silence.signal;
  try {
    const response = await fetch(url, { signal });
    if (!response.ok || !response.body)
      throw new ModelError(`${host} answered ${response.status} for ${file.path}`);
    const onBytes = (bytes: number): void => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), STALL_MS);
      options.onBytes(bytes, file.bytes);
    };
    onBytes(0);
    await stageFile(staging, file, Readable.fromWeb(response.body), onBytes, signal);
  } catch (error) {
    if (error instanceof ModelError) throw error;
    options.signal?.throwIfAborted();
    if (silence.signal.aborted) throw new ModelError(`${host} does not answer`);
    throw new ModelError(`${host} cannot be reached (${reasonOf(error)})`);
  } finally {
    clearTimeout(timer);
  }
}
