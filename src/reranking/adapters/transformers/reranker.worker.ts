import os from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { throughGate } from '../../../common/threads/run-gate.js';
import { openCrossEncoder, type CrossEncoder } from './cross-encoder.js';
import type { FromReranker, RerankerWorkerData, ScoreRequest, ToReranker } from './reranker.messages.js';

/** Characters of one run, some tens of milliseconds: how far a deadline may be overrun, and how long a stop waits. */
const CHARACTERS_PER_RUN = 2_500;
/** The encoder's queries go first where the system keeps a niceness per thread. */
const NICENESS = 5;

const { modelDir, gate } = workerData as RerankerWorkerData;
const port = parentPort;
if (!port) throw new Error('reranker.worker runs as a worker thread only');
const send = (message: FromReranker): void => port.postMessage(message);
const now = (): number => performance.timeOrigin + performance.now();

class RerankerLoop {
  private readonly waiting: ScoreRequest[] = [];
  private readonly cancelled = new Set<number>();
  private running = false;
  private stopping = false;

  constructor(private readonly model: CrossEncoder) {}

  receive(message: ToReranker): void {
    if (message.type === 'stop') this.stopping = true;
    else if (message.type === 'cancel') this.cancelled.add(message.id);
    else this.waiting.push(message);
    void this.drain();
  }

  private async drain(): Promise<void> {
    if (this.running) return;
    this.running = true;
    while (this.waiting.length > 0 && !this.stopping) await this.serve(this.waiting.shift()!);
    this.running = false;
    if (this.stopping) await this.leave();
  }

  private async leave(): Promise<void> {
    await throughGate(gate, () => this.model.close());
    process.exit(0);
  }

  private async serve({ id, query, texts, deadline }: ScoreRequest): Promise<void> {
    const scores: number[] = texts.map(() => 0);
    let computeMs = 0;
    try {
      for (const batch of batches(query, texts)) {
        // Lets a cancellation in.
        await nextTurn();
        if (this.stopping || this.cancelled.has(id) || now() >= deadline)
          return send({ type: 'scored', id, scores: undefined, computeMs });
        const startedAt = performance.now();
        const found = await throughGate(gate, () =>
          this.model.score(
            query,
            batch.map((at) => texts[at] ?? ''),
          ),
        );
        computeMs += performance.now() - startedAt;
        batch.forEach((at, i) => (scores[at] = found[i] ?? Number.NaN));
      }
      send({ type: 'scored', id, scores: now() > deadline ? undefined : scores, computeMs });
    } catch (error) {
      send({ type: 'failed', id, detail: (error as Error).message.split('\n')[0] ?? '' });
    } finally {
      this.cancelled.delete(id);
    }
  }
}

/** Positions of texts of like length, which are padded to the longest: shortest first. */
function batches(query: string, texts: readonly string[]): number[][] {
  const order = [...texts.keys()].sort((a, b) => (texts[a]?.length ?? 0) - (texts[b]?.length ?? 0));
  const made: number[][] = [];
  for (const at of order) {
    const size = query.length + (texts[at]?.length ?? 0);
    const last = made.at(-1);
    if (last && (last.length + 1) * size <= CHARACTERS_PER_RUN) last.push(at);
    else made.push([at]);
  }
  return made;
}

try {
  if (process.platform === 'linux') os.setPriority(0, NICENESS);
  const model = await throughGate(gate, async () => {
    const opened = await openCrossEncoder(modelDir);
    // What cannot score a pair is no reranker: better found now than with the first question.
    await opened.score('question', ['passage']);
    return opened;
  });
  const loop = new RerankerLoop(model);
  port.on('message', (message: ToReranker) => loop.receive(message));
  send({ type: 'ready' });
} catch (error) {
  send({ type: 'unusable', detail: (error as Error).message.split('\n')[0] ?? '' });
}
