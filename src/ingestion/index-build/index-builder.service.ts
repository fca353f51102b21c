import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { NIL_UUID } from '../../common/nil-uuid.js';
import { EmbeddingsService } from '../../embeddings/embeddings.service.js';
import { VectorService } from '../../vector/vector.service.js';
import type { RegisteredIndex, VectorIndex } from '../../vector/vector.types.js';
import type { UnembeddedChunk } from '../embedding/embedding-backlog.repository.js';
import { EmbeddingTroubles, MOST_REFUSALS } from '../embedding/embedding-troubles.service.js';
import { IndexBuildRepository, type BuildPosition } from './index-build.repository.js';
import { VectorCheck } from '../reconcile/vector-check.service.js';
import { toRecords } from '../embedding/vector-records.js';

const PAGE = 500;
/** Passages embedded and stored at a time: small enough that other queries slip in between. */
const SLICE = 32;
/** Before a version that failed alone is tried again. */
const REFUSED_MS = 2_000;

export interface BuildContext {
  signal: AbortSignal;
  /** Called after each slice with the number of passages that came in. Throws to end the build. */
  onProgress: (passages: number) => Promise<void>;
}

/** Vectors could not be made or stored; anything else ends a build for another reason. */
class NotStored extends Error {}

const notStored = (cause: unknown): never => {
  throw new NotStored('vectors could not be made or stored', { cause });
};

/**
 * Fills an index that does not answer yet. What it holds is written down slice by slice, so that whoever goes on after a
 * crash repeats one slice at most. What is published meanwhile is found by the next pass.
 */
@Injectable()
export class IndexBuilder {
  constructor(
    private readonly repository: IndexBuildRepository,
    private readonly embeddings: EmbeddingsService,
    private readonly vectors: VectorService,
    private readonly check: VectorCheck,
    private readonly troubles: EmbeddingTroubles,
  ) {}

  /** Passages that are shown, and those of them that the index holds. */
  progress(indexId: string): Promise<{ done: number; total: number }> {
    return this.repository.progress(indexId);
  }

  /** Goes once over everything that is shown. @returns how many versions lacked something */
  async pass(index: VectorIndex, context: BuildContext): Promise<number> {
    let lacking = 0;
    for (let after = NIL_UUID; ;) {
      context.signal.throwIfAborted();
      const next = await this.repository.skip(after, PAGE);
      if (next === undefined) return lacking;
      const page = await this.repository.page(index.id, after, PAGE);
      const wanted = page.filter((version) => !version.settled).map((version) => version.id);
      lacking += wanted.length;
      if (wanted.length > 0) await this.fillAll(index, wanted, context);
      after = next;
    }
  }

  /** Makes what the index that answers holds whole and this one lacks, and nothing else that came. */
  async catchUp(index: VectorIndex, context: BuildContext): Promise<void> {
    for (let after = NIL_UUID; ;) {
      context.signal.throwIfAborted();
      const behind = await this.repository.behind(index.id, after, PAGE);
      const last = behind.at(-1);
      if (last === undefined) return;
      await this.fillAll(index, behind, context);
      after = last;
    }
  }

  /**
   * Compares what the index holds with what it should: orphans are removed, what is not whole is made in the next pass.
   * @returns how many versions are not whole
   */
  async verify(index: RegisteredIndex, signal: AbortSignal): Promise<number> {
    const difference = await this.check.compare(index, signal);
    await this.check.mend(difference);
    return difference.missing.length;
  }

  /** Where it fails, each half for itself: in the end one version is left whose fault it may be. */
  private async fillAll(
    index: VectorIndex,
    wanted: readonly string[],
    context: BuildContext,
    refusals = 0,
  ): Promise<void> {
    try {
      return await this.fill(index, wanted, context);
    } catch (error) {
      if (!(error instanceof NotStored)) throw error;
      const { cause } = error;
      context.signal.throwIfAborted();
      const [alone, ...others] = wanted;
      if (alone === undefined || !(await this.troubles.isRefusal(index, cause, context.signal))) throw cause;
      if (others.length > 0) {
        const half = Math.ceil(wanted.length / 2);
        await this.fillAll(index, wanted.slice(0, half), context);
        return await this.fillAll(index, wanted.slice(half), context);
      }
      if (refusals + 1 >= MOST_REFUSALS)
        return await this.repository.refuse(index.id, alone, this.troubles.explain(index, alone, cause));
    }
    await sleep(REFUSED_MS, undefined, { signal: context.signal });
    return this.fillAll(index, wanted, context, refusals + 1);
  }

  private async fill(
    index: VectorIndex,
    versionIds: readonly string[],
    context: BuildContext,
  ): Promise<void> {
    // While one slice is stored, the next one is being embedded.
    let storing: Promise<void> = Promise.resolve();
    const counted = new Set<string>();
    for (let at: BuildPosition = { versionId: NIL_UUID, ordinal: -1 }; ;) {
      const chunks = await this.repository.chunks(index.id, versionIds, at, SLICE);
      const last = chunks.at(-1);
      if (!last) break;
      const making = this.embeddings
        .embedPassages(
          chunks.map((chunk) => chunk.search_text),
          context.signal,
          index.modelId,
        )
        .catch(notStored);
      const [vectors] = await Promise.all([making, storing]);
      storing = this.store(index, chunks, vectors, context);
      storing.catch(() => undefined);
      for (const chunk of chunks) counted.add(chunk.version_id);
      at = { versionId: last.version_id, ordinal: last.ordinal };
    }
    await storing;
    // Without a passage there is nothing to embed, and that is all of it.
    const empty = versionIds.filter((id) => !counted.has(id)).map((versionId) => ({ versionId, count: 0 }));
    if (empty.length > 0) await this.repository.record(index.id, empty);
  }

  private async store(
    index: VectorIndex,
    chunks: readonly UnembeddedChunk[],
    vectors: readonly Float32Array[],
    context: BuildContext,
  ): Promise<void> {
    await context.onProgress(chunks.length);
    await this.vectors.upsert(index, toRecords(chunks, vectors)).catch(notStored);
    const counts = new Map(chunks.map((chunk) => [chunk.version_id, chunk.ordinal + 1]));
    const progress = [...counts].map(([versionId, count]) => ({ versionId, count }));
    const shown = await this.repository.record(index.id, progress);
    // Replaced or removed meanwhile: who took its vectors away may have come before they did.
    await this.vectors.deleteVersionsIn(
      index,
      [...counts.keys()].filter((id) => !shown.has(id)),
    );
  }
}
