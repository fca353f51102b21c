import { crc32 } from 'node:zlib';
import type { DataSource } from 'typeorm';
import { nextIndexSequence, retireVersions } from '../../../database/index-log.js';
import type { AnalysisThread } from '../../analysis/analysis-thread.js';
import { activeVersions, readDocuments, stillActive } from '../stored-documents.js';
import type { SegmentLog, SegmentRow } from './segment-log.js';
import { SegmentWriter } from '../../engine/segment/segment-writer.js';

/** Makes segments from `chunks`: of everything, or of what no segment holds. */
export class SegmentRebuilder {
  constructor(
    private readonly dataSource: DataSource,
    private readonly log: SegmentLog,
    private readonly analysis: AnalysisThread,
  ) {}

  /**
   * Indexes every active version again and then ends everything stored before. What others commit meanwhile
   * has higher numbers than the barrier, and stays.
   */
  async rebuild(): Promise<void> {
    const barrier = await this.insertEmpty();
    for await (const page of activeVersions(this.dataSource)) await this.index(page);
    await this.dataSource.transaction(async (transaction) => {
      const sequence = await nextIndexSequence(transaction);
      await transaction.query('delete from lexical_segments where last_sequence <= $1', [barrier]);
      await this.log.insertRow(transaction, {
        ...emptyRow(),
        sequence,
        first: 0,
        last: barrier,
        retiredThrough: sequence,
      });
    });
  }

  /**
   * Indexes active versions that `missing` finds in no segment and removes `damaged` ones.
   * @param missing of the given versions, those that are in no healthy segment.
   * @param signal ends it: nothing is stored any more.
   * @returns how many versions were missing.
   */
  async reindexMissing(
    missing: (versionIds: readonly string[]) => Promise<string[]>,
    damaged: readonly SegmentRow[],
    signal: AbortSignal,
  ): Promise<number> {
    let count = 0;
    for await (const page of activeVersions(this.dataSource)) {
      const absent = await stillActive(this.dataSource, await missing(page));
      count += absent.length;
      signal.throwIfAborted();
      if (absent.length > 0) await this.index(absent, signal);
    }
    signal.throwIfAborted();
    await this.remove(damaged);
    return count;
  }

  async remove(damaged: readonly SegmentRow[]): Promise<void> {
    if (damaged.length === 0) return;
    await this.dataSource.transaction(async (transaction) => {
      await this.log.remove(transaction, damaged);
    });
  }

  /** Adds segments of these versions; those that are no longer shown end as retired. */
  async index(versionIds: readonly string[], signal?: AbortSignal): Promise<void> {
    for await (const documents of readDocuments(this.dataSource, versionIds)) {
      const segment = await this.analysis.segment(documents);
      signal?.throwIfAborted();
      if (segment === undefined) continue;
      const stored = documents.map(({ versionId }) => versionId);
      await this.dataSource.transaction(async (transaction) => {
        await this.log.insert(transaction, segment);
        // The log is locked from here on: what was replaced since it was read is seen now, and what will be
        // replaced gets a higher number than this segment.
        const inactive: { id: string }[] = await transaction.query(
          `select stored.id from unnest($1::uuid[]) as stored (id)
           where not exists (
             select from documents d where d.active_version_id = stored.id and d.deleted_at is null)`,
          [stored],
        );
        await retireVersions(
          transaction,
          inactive.map(({ id }) => id),
        );
      });
    }
  }

  private insertEmpty(): Promise<number> {
    return this.dataSource.transaction(async (transaction) => {
      const sequence = await nextIndexSequence(transaction);
      await this.log.insertRow(transaction, {
        ...emptyRow(),
        sequence,
        first: sequence,
        last: sequence,
        retiredThrough: sequence,
      });
      return sequence;
    });
  }
}

function emptyRow() {
  const bytes = new SegmentWriter().finish([]);
  return { bytes, checksum: crc32(new Uint8Array(bytes)), chunks: 0 };
}
