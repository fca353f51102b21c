import type { DataSource } from 'typeorm';
import { ADVISORY_LOCKS } from '../../../database/advisory-locks.js';
import { forgetRetirements, RETIREMENT_HOURS } from '../../../database/index-log.js';
import type { Transaction } from '../../../database/transaction.types.js';
import type { AnalysisThread } from '../../analysis/analysis-thread.js';
import type { EncodedSegment } from '../../analysis/analysis.types.js';
import { planMerge, type MergeLimits } from '../../engine/segment/merge-plan.js';
import type { SegmentLog, SegmentRow } from './segment-log.js';

const KB = 1024;
const LIMITS: MergeLimits = {
  tiers: [32 * KB, 256 * KB, 2048 * KB, 4096 * KB],
  least: 8,
  mostBytes: 8192 * KB,
  mostSegments: 1000,
};
/** A segment is written again when this many retirements, or a quarter of its chunks, may concern it. */
const LEAST_BACKLOG = 500;

/** Another process replaced some of the segments; what was removed of them is rolled back. */
class RunChanged extends Error {}

/** Merges small segments in the database, and forgets retirements that nothing stored needs any more. */
export class SegmentCompactor {
  private running: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly log: SegmentLog,
    private readonly analysis: AnalysisThread,
    private readonly onDamaged: () => void,
  ) {}

  /** Merges until nothing is left to merge; joins a run that is under way. */
  compact(): Promise<void> {
    return (this.running ??= this.merge().finally(() => (this.running = undefined)));
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.running?.catch(() => undefined);
  }

  private async merge(): Promise<void> {
    while (!this.closed) {
      const run = await this.plan();
      if (run === undefined || !(await this.replace(run))) break;
    }
    if (!this.closed) await this.forget();
  }

  private async plan(): Promise<SegmentRow[] | undefined> {
    const rows = await this.log.list();
    const run = planMerge(
      rows.map((row) => ({ bytes: row.size, barrier: row.chunks === 0 })),
      LIMITS,
    );
    return run ? rows.slice(...run) : await this.planRewrite(rows);
  }

  private async planRewrite(rows: readonly SegmentRow[]): Promise<SegmentRow[] | undefined> {
    const full = rows.filter((row) => row.chunks > 0);
    if (full.length === 0) return undefined;
    const oldest = full.reduce((a, b) => (b.retiredThrough < a.retiredThrough ? b : a));
    const [backlog]: { count: number }[] = await this.dataSource.query(
      'select count(*)::int as count from retired_versions where sequence > $1',
      [oldest.retiredThrough],
    );
    return backlog!.count > Math.max(LEAST_BACKLOG, oldest.chunks / 4) ? [oldest] : undefined;
  }

  /** False when another process is merging. */
  private async replace(run: readonly SegmentRow[]): Promise<boolean> {
    const first = run[0]!;
    const last = run.at(-1)!;
    const buffers = await this.log.fetch(run);
    if (buffers === undefined) return true;
    const retired = await this.log.retiredAfter(first.last);
    const retiredThrough = Math.max(last.last, retired.at(-1)?.sequence ?? 0);
    let merged: EncodedSegment | undefined;
    try {
      merged = await this.analysis.merge(
        run.map(({ checksum, last: through }, i) => ({ bytes: buffers[i]!, checksum, last: through })),
        retired,
      );
    } catch (error) {
      // Only a fresh load tells which documents a damaged segment held.
      if (/is damaged|another format/.test(String(error))) this.onDamaged();
      throw error;
    }
    try {
      return await this.dataSource.transaction((transaction) =>
        this.swap(transaction, run, merged && { ...merged, retiredThrough }),
      );
    } catch (error) {
      if (error instanceof RunChanged) return true;
      throw error;
    }
  }

  private async swap(
    transaction: Transaction,
    run: readonly SegmentRow[],
    merged: (EncodedSegment & { retiredThrough: number }) | undefined,
  ): Promise<boolean> {
    const [lock]: { held: boolean }[] = await transaction.query(
      'select pg_try_advisory_xact_lock($1) as held',
      [ADVISORY_LOCKS.segmentMerge],
    );
    if (!lock!.held) return false;
    if (!(await this.log.remove(transaction, run))) throw new RunChanged();
    const last = run.at(-1)!;
    if (merged !== undefined) {
      await this.log.insertRow(transaction, {
        ...merged,
        sequence: last.sequence,
        first: run[0]!.first,
        last: last.last,
      });
    }
    return true;
  }

  private async forget(): Promise<void> {
    await forgetRetirements(this.dataSource);
    await this.dataSource.query(
      `delete from lexical_segments where chunk_count = 0 and created_at < now() - make_interval(hours => $1)`,
      [RETIREMENT_HOURS],
    );
  }
}
