import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { EmbeddingsService } from '../../embeddings/embeddings.service.js';
import { LexicalService } from '../../lexical/lexical.service.js';
import { VectorService } from '../../vector/vector.service.js';
import type { RegisteredIndex } from '../../vector/vector.types.js';
import { EmbeddingBacklog } from '../embedding/embedding-backlog.service.js';
import { VectorCheck } from '../reconcile/vector-check.service.js';
import { RebuildRepository } from './rebuild.repository.js';
import type { RebuildRow } from './rebuild.types.js';

const LOOK_MS = 1_000;
/** Comparisons with the store that find something lacking, until it is given up. */
const MOST_COMPARISONS = 5;

/** The work of a rebuild. Every step may be repeated. */
@Injectable()
export class RebuildSteps {
  private readonly logger = new Logger('Rebuild');

  constructor(
    private readonly rebuilds: RebuildRepository,
    private readonly words: LexicalService,
    private readonly vectors: VectorService,
    private readonly embeddings: EmbeddingsService,
    private readonly backlog: EmbeddingBacklog,
    private readonly check: VectorCheck,
  ) {}

  /** Throws where it has to be tried again; `StartError` where that would be no use. */
  async run(row: RebuildRow, runner: string, signal: AbortSignal): Promise<void> {
    await this.rebuilds.tell(row.id, null);
    if (row.what === 'vectors') return await this.rebuildVectors(row, runner, signal);
    await this.words.rebuild();
    await this.rebuilds.finish(row, runner, null);
    this.logger.log('the word index was made again');
  }

  async fail(row: RebuildRow, runner: string, reason: string): Promise<void> {
    const now = await this.rebuilds.find(row.id);
    if (now && (await this.rebuilds.finish(now, runner, reason)))
      this.logger.error(`the index of ${row.what} was not made again: ${reason}`);
  }

  /**
   * In place: each vector is replaced by the same one, so that queries find what they found all the while; of what the
   * store has lost, nothing is answered until it is whole.
   */
  private async rebuildVectors(row: RebuildRow, runner: string, signal: AbortSignal): Promise<void> {
    for (let comparisons = 0; comparisons < MOST_COMPARISONS;) {
      signal.throwIfAborted();
      const now = await this.rebuilds.find(row.id);
      if (!now || now.finished_at) return;
      const index = await this.answering(now);
      if (!index) return await this.fail(now, runner, 'Another index answers by now.');
      if (!now.lined_up) {
        await this.vectors.makeIndex(index);
        await this.rebuilds.lineUp(now);
        this.backlog.wake();
      } else if ((await this.rebuilds.remaining(now)) > 0) {
        await this.wait(now, index, signal);
      } else {
        const difference = await this.check.compare(index, signal);
        await this.check.mend(difference);
        if (difference.missing.length === 0 && (await this.rebuilds.finish(now, runner, null))) {
          await this.vectors.refresh();
          this.logger.log(`the vectors of ${index.modelId} were made again`);
          return;
        }
        comparisons++;
      }
    }
    await this.fail(row, runner, 'The vector store does not keep what is stored in it.');
  }

  private async answering({ index_id }: RebuildRow): Promise<RegisteredIndex | undefined> {
    return (await this.vectors.listOwn()).find((index) => index.id === index_id && index.state === 'active');
  }

  private async wait({ id }: RebuildRow, { modelId }: RegisteredIndex, signal: AbortSignal): Promise<void> {
    const state = this.embeddings.stateOf(modelId);
    await this.rebuilds.tell(id, state.state === 'ready' ? null : `The encoder is ${state.state}.`);
    // What was taken off the backlog in the moment in which it was lined up.
    await this.backlog.lineUpMissing();
    this.backlog.wake();
    await sleep(LOOK_MS, undefined, { signal });
  }
}
