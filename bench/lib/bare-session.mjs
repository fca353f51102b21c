// The encoder without anything around it: what the machine can do at best.
import { AutoModel, AutoTokenizer, env, Tensor } from '@huggingface/transformers';

const MAX_TOKENS = 256;

/** @param threads of computation; @returns `tokens(texts)` and `run(rows)`, both without a batch limit */
export async function openBareSession(modelDir, threads) {
  env.allowRemoteModels = false;
  const options = { local_files_only: true };
  const tokenizer = await AutoTokenizer.from_pretrained(modelDir, options);
  const model = await AutoModel.from_pretrained(modelDir, {
    ...options,
    dtype: 'q8',
    session_options: { intraOpNumThreads: threads, interOpNumThreads: 1 },
  });
  const tokens = (text) => {
    const { input_ids } = tokenizer(text, { truncation: true, max_length: MAX_TOKENS, padding: false });
    return Array.from(input_ids.data, Number).filter((id) => id !== 0);
  };
  const run = async (rows) => {
    const length = Math.max(...rows.map((row) => row.length));
    const ids = new BigInt64Array(rows.length * length);
    const mask = new BigInt64Array(rows.length * length);
    rows.forEach((row, i) =>
      row.forEach((id, j) => {
        ids[i * length + j] = BigInt(id);
        mask[i * length + j] = 1n;
      }),
    );
    const tensor = (data) => new Tensor('int64', data, [rows.length, length]);
    await model({
      input_ids: tensor(ids),
      attention_mask: tensor(mask),
      token_type_ids: tensor(new BigInt64Array(ids.length)),
    });
  };
  return { tokens, run, close: () => model.dispose() };
}

/** Rows of similar length, each batch at most `budget` tokens with its padding. */
function batches(rows, budget) {
  const result = [];
  let batch = [];
  for (const row of rows.toSorted((a, b) => a.length - b.length)) {
    if (batch.length > 0 && (batch.length + 1) * row.length > budget) {
      result.push(batch);
      batch = [];
    }
    batch.push(row);
  }
  return batch.length > 0 ? [...result, batch] : result;
}

async function rate(session, rows, budget) {
  const startedAt = performance.now();
  for (const batch of batches(rows, budget)) await session.run(batch);
  return rows.length / ((performance.now() - startedAt) / 1000);
}

/** Passages per second with the best of several batch sizes, found on every tenth passage. */
export async function bestRate(session, rows, report) {
  const sample = rows.filter((_row, i) => i % 10 === 0);
  let best = { budget: 0, perSecond: 0 };
  for (const budget of [256, 512, 1024, 2048, 4096]) {
    report('a bare session', `batches of ${budget} tokens`);
    const perSecond = await rate(session, sample, budget);
    if (perSecond > best.perSecond) best = { budget, perSecond };
  }
  report('a bare session', `all passages in batches of ${best.budget} tokens`);
  return { budget: best.budget, perSecond: await rate(session, rows, best.budget) };
}
