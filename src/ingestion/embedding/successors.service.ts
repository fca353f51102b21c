import { Injectable } from '@nestjs/common';
import { DocumentSuccessionService } from '../../documents/publishing/document-succession.service.js';
import type { Transaction } from '../../database/transaction.types.js';
import type { Successor } from '../../documents/documents.types.js';
import { VectorService } from '../../vector/vector.service.js';
import type { VectorIndex, VectorRecord } from '../../vector/vector.types.js';
import type { BacklogChunk } from './embedding-backlog.repository.js';
import { PassageIndexing } from '../passage-indexing.service.js';
import { SuccessorVectorsRepository } from './successor-vectors.repository.js';
import { toRecords } from './vector-records.js';

const PAGE = 100;

/**
 * Vectors of versions that wait to take the place of others, and the switch. Until then nothing of them is in an index:
 * what cannot be shown would take the place of what can among the nearest.
 */
@Injectable()
export class Successors {
  constructor(
    private readonly repository: SuccessorVectorsRepository,
    private readonly succession: DocumentSuccessionService,
    private readonly indexing: PassageIndexing,
    private readonly vectors: VectorService,
  ) {}

  /**
   * Stores vectors: in the index where their versions are shown, beside it where they wait. Throws as
   * `VectorService.upsert`. @returns what is to be done when they are counted
   */
  async store(
    index: VectorIndex,
    chunks: readonly BacklogChunk[],
    vectors: readonly Float32Array[],
  ): Promise<() => Promise<void>> {
    const records = toRecords(chunks, vectors);
    const waiting = records.filter((_, i) => chunks[i]?.waits);
    await this.vectors.upsert(
      index,
      records.filter((_, i) => !chunks[i]?.waits),
    );
    if (waiting.length === 0) return () => Promise.resolve();
    this.vectors.requireFit(index, waiting);
    await this.repository.keep(index.id, waiting);
    return () => this.catchUp(index, waiting);
  }

  /** A process without an encoder may have shown them since they were read, and found none counted. */
  private async catchUp(index: VectorIndex, records: readonly VectorRecord[]): Promise<void> {
    const shown = new Set(await this.succession.shown([...new Set(records.map((r) => r.versionId))]));
    const late = records.filter((record) => shown.has(record.versionId));
    if (late.length > 0) await this.vectors.upsert(index, late);
  }

  /**
   * Shows those of these versions that wait and have all their vectors.
   * @returns the versions that lack some after all, which start over; undefined where the index answers no more
   */
  async showWhole(versionIds: readonly string[], index: VectorIndex): Promise<string[] | undefined> {
    const lacking: string[] = [];
    for (const id of await this.succession.among(versionIds)) {
      const found = await this.succession.find(id);
      if (!found) continue;
      const records = await this.repository.vectors(index.id, id);
      if (records.length !== found.passages.length) lacking.push(id);
      else if (!(await this.show(found, index, records))) return undefined;
    }
    if (lacking.length > 0) await this.repository.startOver(lacking);
    return lacking;
  }

  /**
   * Shows a version, if it waits, with the vectors that there are: the encoder refuses the rest.
   * @returns false where the index answers no more
   */
  async showRefused(versionId: string, index: VectorIndex): Promise<boolean> {
    const found = await this.succession.find(versionId);
    return !found || this.show(found, index, await this.repository.vectors(index.id, versionId));
  }

  /** Shows all that wait, to be found by words: nobody makes vectors. */
  async showAll(): Promise<void> {
    let page = await this.succession.next(undefined, PAGE);
    while (page.length > 0) {
      for (const id of page) {
        const found = await this.succession.find(id);
        if (found) await this.show(found, undefined, []);
      }
      page = page.length < PAGE ? [] : await this.succession.next(page.at(-1), PAGE);
    }
  }

  /** Has vectors made of those that nobody makes any of. @returns how many */
  lineUp(): Promise<number> {
    return this.succession.lineUp();
  }

  private async show(
    found: Successor,
    index: VectorIndex | undefined,
    records: readonly VectorRecord[],
  ): Promise<boolean> {
    const words = await this.indexing.prepare([found]);
    const vectors = index ? await this.vectors.prepareShow(index, records) : undefined;
    const outcome = await this.succession.succeed(found.versionId, {
      mayBegin: async (tx: Transaction) => !index || this.repository.answers(tx, index.id),
      vectors: async (tx) => {
        // Whatever was counted, is kept nowhere from now on.
        if (!vectors) await this.repository.startOver([found.versionId], tx);
        await vectors?.(tx);
        await this.repository.drop(tx, found.versionId);
      },
      words: (tx) => words.store(tx),
    });
    // Some stores have them before the commit, and who removes what was overtaken may have come before they did.
    if (outcome !== 'shown' && index) await this.vectors.deleteVersionsIn(index, [found.versionId]);
    return outcome !== 'refused';
  }
}
