/** Reads the structure of texts and cuts them into passages, away from the thread that answers requests. */
import { parentPort, workerData } from 'node:worker_threads';
import { collectWhenQuiet } from '../../common/threads/collect-when-quiet.js';
import { lowerThread } from '../../common/threads/niceness.js';
import { loadTokenCounter } from '../../embeddings/token-counter.js';
import type { TokenCounter } from './chunk.types.js';
import { chunkSpans } from './chunker.js';
import { detectLanguage } from './language.js';
import { readPlainText } from './plain-blocks.js';
import type { TextReply, TextRequest, TextResult, TextTask, TextWorkerData } from './text-worker.types.js';

if ((workerData as TextWorkerData).background) lowerThread();

let loaded: { modelDir: string | undefined; count: TokenCounter } | undefined;

/** The counter of the model that is asked for; it may have arrived since the last time. */
async function counterOf(modelDir: string | undefined): Promise<TokenCounter> {
  if (loaded && loaded.modelDir === modelDir) return loaded.count;
  try {
    loaded = { modelDir, count: await loadTokenCounter(modelDir) };
  } catch {
    // A model that is just being replaced: passages are cut by the estimate, which errs on the safe side.
    return loadTokenCounter(undefined);
  }
  return loaded.count;
}

async function cut(task: TextTask, maxTokens: number, count: TokenCounter): Promise<TextResult> {
  const given = 'text' in task ? task.text : undefined;
  const extracted = 'text' in task ? readPlainText(task.text) : task.extracted;
  const title = task.title ?? extracted.title;
  const spans = chunkSpans(extracted, { title, maxTokens }, count);
  // What a file says of itself is often its template's language: it counts where the text does not tell.
  const language = (await detectLanguage(extracted.text)) ?? extracted.language;
  const text = given === undefined || given === extracted.text ? undefined : extracted.text;
  return { text, title, language, spans };
}

async function answer({ id, tasks, maxTokens, modelDir }: TextRequest): Promise<TextReply> {
  try {
    const count = await counterOf(modelDir);
    const results: TextResult[] = [];
    for (const task of tasks) results.push(await cut(task, maxTokens, count));
    return { id, results };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

const touched = collectWhenQuiet();

parentPort?.on('message', (request: TextRequest) => {
  touched();
  void answer(request).then((reply) => parentPort?.postMessage(reply));
});
