import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { WordPiece } from '../../wordpiece.js';
import type { EmbeddingKind } from '../../embeddings.types.js';
import type { EncodeItem, EncoderWorkerData, FromEncoder, ToEncoder } from './encoder.messages.js';
import { collectWhenQuiet } from '../../../common/threads/collect-when-quiet.js';
import { throughGate } from '../../../common/threads/run-gate.js';
import { normalise, openSession, type EncoderSession } from './session.js';
import { splitWindows, takeBatch, type Window } from './windows.js';

/**
 * Padded tokens of one run, about 35 ms of computation: the longest that a query waits for passages on the same
 * thread. Larger runs are no faster and hold memory that the runtime never gives back.
 */
const TOKENS_PER_RUN = 256;

interface Task {
  sum: Float32Array;
  left: number;
}

const { modelDir, model, niceness, gate } = workerData as EncoderWorkerData;
const port = parentPort;
if (!port) throw new Error('encoder.worker runs as a worker thread only');
const send = (message: FromEncoder, transfer: ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer);

class EncoderLoop {
  private pool: Window[] = [];
  private readonly tasks = new Map<number, Task>();
  private running = false;
  private stopping = false;
  private readonly touched = collectWhenQuiet();

  constructor(
    private readonly tokenizer: WordPiece,
    private readonly session: EncoderSession,
    private readonly prefixes: Readonly<Record<EmbeddingKind, readonly number[]>>,
  ) {}

  receive(message: ToEncoder): void {
    this.touched();
    if (message.type === 'stop') this.stopping = true;
    else if (message.type === 'cancel') this.cancel(message.ids);
    else for (const item of message.items) this.add(item);
    void this.drain();
  }

  private add({ id, kind, urgent, text }: EncodeItem): void {
    const { clsId, sepId } = this.tokenizer;
    const prefix = this.prefixes[kind];
    const windows = splitWindows(this.tokenizer.encode(text), {
      clsId,
      sepId,
      prefix,
      maxTokens: model.maxTokens,
    });
    this.tasks.set(id, { sum: new Float32Array(model.dimensions), left: windows.length });
    for (const { ids, weight } of windows)
      this.pool.push({ task: id, kind, urgent, ids, weight, siblings: windows.length });
  }

  private cancel(ids: readonly number[]): void {
    const dropped = ids.filter((id) => this.tasks.delete(id));
    if (dropped.length === 0) return;
    this.pool = this.pool.filter((window) => this.tasks.has(window.task));
    send({ type: 'dropped', ids: dropped });
  }

  private async drain(): Promise<void> {
    if (this.running) return;
    this.running = true;
    while (this.pool.length > 0 && !this.stopping) {
      // Lets messages in between two runs: a query that has just arrived goes first.
      await nextTurn();
      const batch = takeBatch(this.pool, TOKENS_PER_RUN);
      if (batch.length > 0) await this.runBatch(batch);
    }
    this.running = false;
    if (this.stopping) await this.leave();
  }

  private async leave(): Promise<void> {
    await throughGate(gate, () => this.session.close());
    process.exit(0);
  }

  private async runBatch(batch: readonly Window[]): Promise<void> {
    try {
      const vectors = await throughGate(gate, () => this.session.run(batch.map((window) => window.ids)));
      this.deliver(batch, vectors);
    } catch (error) {
      const ids = [...new Set(batch.map((window) => window.task))].filter((id) => this.tasks.delete(id));
      this.pool = this.pool.filter((window) => this.tasks.has(window.task));
      send({ type: 'failed', ids, detail: (error as Error).message });
    }
  }

  private deliver(batch: readonly Window[], vectors: Float32Array): void {
    const done: { id: number; vector: Float32Array }[] = [];
    batch.forEach((window, row) => {
      const task = this.tasks.get(window.task);
      if (!task) return;
      const vector = vectors.subarray(row * model.dimensions, (row + 1) * model.dimensions);
      for (let d = 0; d < vector.length; d++)
        task.sum[d] = (task.sum[d] ?? 0) + (vector[d] ?? 0) * window.weight;
      if (--task.left > 0) return;
      this.tasks.delete(window.task);
      done.push({ id: window.task, vector: normalise(task.sum) });
    });
    if (done.length === 0) return;
    const joined = new Float32Array(done.length * model.dimensions);
    done.forEach(({ vector }, i) => joined.set(vector, i * model.dimensions));
    send({ type: 'vectors', ids: done.map(({ id }) => id), vectors: joined }, [joined.buffer]);
  }
}

/** Throws when the loaded model is not the one that the manifest describes. */
async function checkSimilarities(tokenizer: WordPiece, session: EncoderSession): Promise<void> {
  const { clsId, sepId } = tokenizer;
  for (const { a, b, cosine } of model.similarities) {
    const windows = [a, b].map((text) => [clsId, ...tokenizer.encode(text), sepId]);
    const vectors = await session.run(windows);
    let found = 0;
    for (let d = 0; d < model.dimensions; d++)
      found += (vectors[d] ?? 0) * (vectors[model.dimensions + d] ?? 0);
    if (!(Math.abs(found - cosine) <= model.tolerance))
      throw new Error(`"${a}" and "${b}" have similarity ${found.toFixed(3)}, not ${cosine.toFixed(3)}`);
  }
}

async function start(): Promise<EncoderLoop> {
  // Linux keeps a niceness per thread; elsewhere this would slow the whole process.
  if (niceness > 0 && process.platform === 'linux') os.setPriority(0, niceness);
  const tokenizer = new WordPiece(await readFile(path.join(modelDir, 'tokenizer.json'), 'utf8'));
  const session = await throughGate(gate, () => openSession(modelDir, model));
  await throughGate(gate, () => checkSimilarities(tokenizer, session));
  const prefixes = {
    query: tokenizer.encode(model.queryPrefix),
    passage: tokenizer.encode(model.passagePrefix),
  };
  for (const [kind, prefix] of Object.entries(prefixes))
    if (prefix.length > model.maxTokens / 2)
      throw new Error(`the prefix of a ${kind} has ${prefix.length} of ${model.maxTokens} tokens`);
  return new EncoderLoop(tokenizer, session, prefixes);
}

try {
  const loop = await start();
  port.on('message', (message: ToEncoder) => loop.receive(message));
  send({ type: 'ready' });
} catch (error) {
  send({ type: 'unusable', detail: (error as Error).message.split('\n')[0] ?? '' });
}
