import { AutoModel, env } from '@huggingface/transformers';
import path from 'node:path';
import { Tensor, type InferenceSession } from 'onnxruntime-node';
import type { EncoderModel } from '../../models.types.js';

/** What transformers.js calls the numbers of a file. */
const DTYPES: Readonly<Record<string, 'fp32' | 'q8' | 'int8' | 'uint8'>> = {
  'model.onnx': 'fp32',
  'model_quantized.onnx': 'q8',
  'model_int8.onnx': 'int8',
  'model_uint8.onnx': 'uint8',
};

/** What a model calls the vectors of its tokens. */
const OUTPUT = 'last_hidden_state';

export interface EncoderSession {
  /** Runs token windows through the model and returns one unit vector per window, one after another. */
  run(windows: readonly (readonly number[])[]): Promise<Float32Array>;
  close(): Promise<void>;
}

function pool(
  hidden: Float32Array,
  mask: BigInt64Array,
  rows: number,
  length: number,
  model: EncoderModel,
): Float32Array {
  const size = model.dimensions;
  const result = new Float32Array(rows * size);
  for (let row = 0; row < rows; row++) {
    const out = result.subarray(row * size, (row + 1) * size);
    for (let t = 0; t < (model.pooling === 'cls' ? 1 : length); t++) {
      if (mask[row * length + t] === 0n) break;
      const at = (row * length + t) * size;
      for (let d = 0; d < size; d++) out[d] = (out[d] ?? 0) + (hidden[at + d] ?? 0);
    }
    // The division by the number of tokens cancels out against the norm.
    normalise(out);
  }
  return result;
}

/** Scales to length 1 in place. Throws on a vector without direction: nothing could be compared with it. */
export function normalise(vector: Float32Array): Float32Array {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const norm = Math.sqrt(sum);
  if (!Number.isFinite(norm) || norm === 0) throw new Error('the model returned a vector without direction');
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) / norm;
  return vector;
}

/**
 * Loads the model from its folder, never from the network. Computation runs on the calling thread and blocks it,
 * so this belongs in a worker.
 */
export async function openSession(modelDir: string, model: EncoderModel): Promise<EncoderSession> {
  env.allowRemoteModels = false;
  const network = await AutoModel.from_pretrained(modelDir, {
    dtype: DTYPES[path.basename(model.onnx.path)] ?? 'q8',
    local_files_only: true,
    session_options: { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential' },
  });
  // Run by itself: around a question of a few words, what transformers.js does for any model takes a twentieth of the time.
  const session = network.sessions['model'] as InferenceSession;
  const run: EncoderSession['run'] = async (windows) => {
    const length = Math.max(...windows.map((ids) => ids.length));
    const shape = [windows.length, length];
    const ids = new BigInt64Array(windows.length * length);
    const mask = new BigInt64Array(ids.length);
    windows.forEach((window, row) => {
      window.forEach((id, column) => {
        ids[row * length + column] = BigInt(id);
        mask[row * length + column] = 1n;
      });
    });
    const inputs: Readonly<Record<string, BigInt64Array>> = {
      input_ids: ids,
      attention_mask: mask,
      token_type_ids: new BigInt64Array(ids.length),
    };
    const feeds: Record<string, Tensor> = {};
    for (const name of session.inputNames)
      if (inputs[name]) feeds[name] = new Tensor('int64', inputs[name], shape);
    const hidden = (await session.run(feeds))[OUTPUT];
    if (hidden?.dims[2] !== model.dimensions || !(hidden.data instanceof Float32Array))
      throw new Error(`the model does not return vectors of ${model.dimensions} numbers`);
    return pool(hidden.data, mask, windows.length, length, model);
  };
  return { run, close: async () => void (await network.dispose()) };
}
