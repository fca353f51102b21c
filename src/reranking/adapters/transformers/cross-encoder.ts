import fs from 'node:fs';
import path from 'node:path';
import {
  AutoModelForSequenceClassification,
  AutoTokenizer,
  env,
  type Tensor,
} from '@huggingface/transformers';

/** Tokens of a question with a passage. */
const MAX_TOKENS = 512;

export interface CrossEncoder {
  /** Runs on the calling thread and blocks it. */
  score(query: string, texts: readonly string[]): Promise<number[]>;
  close(): Promise<void>;
}

/** Loads a `text-classification` model from its folder, never from the network. */
export async function openCrossEncoder(modelDir: string): Promise<CrossEncoder> {
  env.allowRemoteModels = false;
  const files = { q8: 'model_quantized.onnx', fp32: 'model.onnx' } as const;
  const dtype = (['q8', 'fp32'] as const).find((kind) =>
    fs.existsSync(path.join(modelDir, 'onnx', files[kind])),
  );
  if (!dtype) throw new Error(`${modelDir} has neither onnx/${files.q8} nor onnx/${files.fp32}`);
  const tokenizer = await AutoTokenizer.from_pretrained(modelDir, { local_files_only: true });
  const network = await AutoModelForSequenceClassification.from_pretrained(modelDir, {
    dtype,
    local_files_only: true,
    session_options: { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential' },
  });
  const score: CrossEncoder['score'] = async (query, texts) => {
    const inputs: unknown = tokenizer(
      texts.map(() => query),
      { text_pair: [...texts], padding: true, truncation: true, max_length: MAX_TOKENS },
    );
    const { logits } = (await network(inputs)) as { logits?: Tensor };
    return relevances(logits, texts.length);
  };
  return { score, close: async () => void (await network.dispose()) };
}

/** One number for each pair, or the second of two classes against the first. */
function relevances(logits: Tensor | undefined, rows: number): number[] {
  const [found, classes = 0] = logits?.dims ?? [];
  if (!logits || found !== rows || classes < 1 || classes > 2)
    throw new Error('the model does not give one or two numbers for a question with a passage');
  const values = Array.from(logits.data as ArrayLike<number | bigint>, Number);
  return Array.from({ length: rows }, (_, i) =>
    classes === 1 ? values[i]! : values[2 * i + 1]! - values[2 * i]!,
  );
}
