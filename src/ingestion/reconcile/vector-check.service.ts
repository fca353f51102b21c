import { Injectable } from '@nestjs/common';
import { VectorService } from '../../vector/vector.service.js';
import { ReconcileRepository } from './reconcile.repository.js';

const BATCH = 1000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** Compares the vector index that answers with the versions that are shown. */
@Injectable()
export class VectorCheck {
  constructor(
    private readonly repository: ReconcileRepository,
    private readonly vectors: VectorService,
  ) {}

  /** Versions whose vectors nobody can see, and shown versions that lack some; as ids. */
  async compare(signal: AbortSignal): Promise<{ orphans: string[]; missing: string[] }> {
    const index = await this.vectors.activeIndex();
    if (!index) return { orphans: [], missing: [] };
    const counts = new Map<string, number>();
    for await (const { versionId, vectors } of this.vectors.storedVersions()) counts.set(versionId, vectors);
    const orphans: string[] = [];
    const ids = [...counts.keys()];
    for (let i = 0; i < ids.length; i += BATCH) {
      signal.throwIfAborted();
      orphans.push(...(await this.repository.unseen(ids.slice(i, i + BATCH))));
    }
    const missing: string[] = [];
    for (let after = FIRST_ID; ;) {
      signal.throwIfAborted();
      const batch = await this.repository.wholeIn(index.id, after, BATCH);
      missing.push(...batch.filter(({ id, chunks }) => (counts.get(id) ?? 0) < chunks).map(({ id }) => id));
      const last = batch.at(-1);
      if (!last || batch.length < BATCH) return { orphans, missing };
      after = last.id;
    }
  }

  /** Takes vectors away that are still nobody's. */
  async remove(versionIds: readonly string[]): Promise<number> {
    let removed = 0;
    for (let i = 0; i < versionIds.length; i += BATCH) {
      const unseen = await this.repository.unseen(versionIds.slice(i, i + BATCH));
      await this.vectors.deleteVersions(unseen);
      removed += unseen.length;
    }
    return removed;
  }

  async makeAgain(versionIds: readonly string[]): Promise<void> {
    for (let i = 0; i < versionIds.length; i += BATCH)
      await this.repository.embedAgain(versionIds.slice(i, i + BATCH));
  }
}
