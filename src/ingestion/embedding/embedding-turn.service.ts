import { Injectable } from '@nestjs/common';
import { EmbeddingsService } from '../../embeddings/embeddings.service.js';
import type { VectorIndex } from '../../vector/vector.types.js';
import { EmbeddingBacklogRepository, type BacklogChunk } from './embedding-backlog.repository.js';
import { Successors } from './successors.service.js';

/** Extended while the work goes on: what a lost process held is free again after this time. */
export const CLAIM_SECONDS = 20;
/** Passages embedded and stored at a time: small enough that other queries slip in between. */
const SLICE = 32;
/** How long claimed versions are worked on before somebody looks again who is first in line. */
const TURN_MS = 1000;

interface Turn {
  index: VectorIndex;
  /** Ids of versions that only this turn works on. */
  claimed: readonly string[];
  signal: AbortSignal;
  /** Told of versions that have all their vectors. */
  whole: (versionIds: readonly string[]) => void;
}

/** Makes vectors for versions that were claimed, a slice of passages at a time, and gives back what it does not finish. */
@Injectable()
export class EmbeddingTurn {
  constructor(
    private readonly repository: EmbeddingBacklogRepository,
    private readonly embeddings: EmbeddingsService,
    private readonly successors: Successors,
  ) {}

  /** @returns false where the index answers no more */
  async take(turn: Turn): Promise<boolean> {
    let open = [...turn.claimed];
    const until = Date.now() + TURN_MS;
    while (open.length > 0) {
      // Somebody else may be first in line by now.
      if (Date.now() > until) {
        await this.repository.release(open);
        return true;
      }
      const chunks = await this.repository.nextChunks(open, SLICE);
      if (chunks.length > 0 && !(await this.embed(turn, chunks, open))) return false;
      // The last version of a full slice may go on in the next one.
      const last = chunks.length === SLICE ? chunks.at(-1)?.version_id : undefined;
      const seen = new Set(chunks.map((chunk) => chunk.version_id));
      const done = chunks.length < SLICE ? open : open.filter((id) => seen.has(id) && id !== last);
      open = chunks.length < SLICE ? [] : open.filter((id) => !done.includes(id));
      if (done.length > 0 && !(await this.finish(turn, done))) return false;
    }
    return true;
  }

  /** @returns false where the index answers no more */
  private async embed(
    { index, signal }: Turn,
    chunks: readonly BacklogChunk[],
    claimed: readonly string[],
  ): Promise<boolean> {
    const vectors = await this.embeddings.embedPassages(
      chunks.map((chunk) => chunk.search_text),
      signal,
      index.modelId,
    );
    const counted = await this.successors.store(index, chunks, vectors);
    const counts = new Map(chunks.map((chunk) => [chunk.version_id, chunk.ordinal + 1]));
    const starts = new Map(chunks.toReversed().map((chunk) => [chunk.version_id, chunk.ordinal]));
    const progress = [...counts].map(([versionId, count]) => ({
      versionId,
      from: starts.get(versionId) ?? 0,
      count,
    }));
    const live = await this.repository.advance(progress, index.id, claimed, CLAIM_SECONDS);
    await counted();
    return live;
  }

  /** @returns false where the index answers no more */
  private async finish({ index, whole }: Turn, done: readonly string[]): Promise<boolean> {
    const lacking = await this.successors.showWhole(done, index);
    if (!lacking) return false;
    if (lacking.length > 0) await this.repository.release(lacking);
    const complete = done.filter((id) => !lacking.includes(id));
    if (!(await this.repository.finish(complete, index.id))) return false;
    whole(complete);
    return true;
  }
}
