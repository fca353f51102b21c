import { Injectable } from '@nestjs/common';
import { NIL_UUID } from '../../common/nil-uuid.js';
import { VectorService } from '../../vector/vector.service.js';
import type { RegisteredIndex } from '../../vector/vector.types.js';
import { EmbeddingBacklog } from '../embedding/embedding-backlog.service.js';
import { ReconcileRepository } from './reconcile.repository.js';

const BATCH = 1000;
const HOUR = 3600;

/** What one index holds that it should not, and lacks that it should have. */
export interface IndexDifference {
  index: RegisteredIndex;
  /** Versions that nobody can see; ids. */
  orphans: string[];
  /** Shown versions that count as whole and are not; ids. */
  missing: string[];
}

/** Compares the vector indexes with the versions that are shown: the one that answers, and others that are kept or built. */
@Injectable()
export class VectorCheck {
  constructor(
    private readonly repository: ReconcileRepository,
    private readonly vectors: VectorService,
    private readonly backlog: EmbeddingBacklog,
  ) {}

  async compareAll(signal: AbortSignal): Promise<IndexDifference[]> {
    const differences: IndexDifference[] = [];
    for (const index of await this.vectors.listOwn())
      if (index.state === 'active' || index.kept || (await this.repository.isBuilt(index.id)))
        differences.push(await this.compare(index, signal));
    return differences;
  }

  async compare(index: RegisteredIndex, signal: AbortSignal): Promise<IndexDifference> {
    // Asked first: what becomes whole while the store is being read may have come behind the place that is read.
    const whole = await this.wholeIn(index, signal);
    const counts = new Map<string, number>();
    for await (const { versionId, vectors } of this.vectors.storedVersions(index))
      counts.set(versionId, vectors);
    const orphans: string[] = [];
    for (const ids of batchesOf([...counts.keys()])) {
      signal.throwIfAborted();
      orphans.push(...(await this.repository.unseen(ids)));
    }
    const lacking = [...whole].filter(([id, chunks]) => (counts.get(id) ?? 0) < chunks).map(([id]) => id);
    const missing: string[] = [];
    for (const ids of batchesOf(lacking)) {
      signal.throwIfAborted();
      missing.push(...(await this.repository.stillWhole(index.id, ids)));
    }
    return { index, orphans, missing };
  }

  /** Takes vectors away that are still nobody's, and has what still lacks made again. @returns the versions that lost theirs */
  async mend({ index, orphans, missing }: IndexDifference): Promise<string[]> {
    const removed: string[] = [];
    for (const ids of batchesOf(orphans)) {
      const unseen = await this.repository.unseen(ids);
      await this.vectors.deleteVersionsIn(index, unseen);
      removed.push(...unseen);
    }
    for (const ids of batchesOf(missing)) {
      const still = await this.repository.stillWhole(index.id, ids);
      await this.repository.embedAgain(still, index.id, index.state === 'active');
    }
    if (missing.length > 0) this.backlog.wake();
    return removed;
  }

  /** Somebody asked: what an encoder refused may be taken by now. */
  tryRefusedAgain(): Promise<void> {
    return this.backlog.tryRefusedAgain();
  }

  /** A former encoder's vectors are only worth their space until the new ones are whole. @returns how many indexes went */
  async dropRetired(): Promise<number> {
    return (await this.backlog.pending()) === 0 ? await this.vectors.dropRetired(HOUR) : 0;
  }

  /** Passages of the versions that are shown and count as whole. */
  private async wholeIn({ id }: RegisteredIndex, signal: AbortSignal): Promise<Map<string, number>> {
    const whole = new Map<string, number>();
    for (let after = NIL_UUID; ;) {
      signal.throwIfAborted();
      const batch = await this.repository.wholeIn(id, after, BATCH);
      for (const version of batch) whole.set(version.id, version.chunks);
      const last = batch.at(-1);
      if (!last || batch.length < BATCH) return whole;
      after = last.id;
    }
  }
}

function* batchesOf(ids: readonly string[]): Iterable<string[]> {
  for (let i = 0; i < ids.length; i += BATCH) yield ids.slice(i, i + BATCH);
}
