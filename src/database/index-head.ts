import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { SharedRun } from '../common/resilience/shared-run.js';
import { ADVISORY_LOCKS } from './advisory-locks.js';
import type { CommitWatch } from './commit-watch.js';

/**
 * Whoever takes a number holds one of these locks until its transaction has ended: with both in hand, all numbers up to
 * the last one have been committed, or never will be. CASE has the number read after that.
 * A sequence that was never used names its first number as the last one.
 */
const LAST_NUMBER = `select case
    when pg_try_advisory_xact_lock_shared(${ADVISORY_LOCKS.indexLog})
      and pg_try_advisory_xact_lock_shared(${ADVISORY_LOCKS.vectorLog})
    then (select last_value + is_called::int from index_sequence)
  end as last`;

/** Tells readers of the index log, of words, vectors and retirements, whether it can have grown since they read it. */
export class IndexHead {
  private readonly reads = new SharedRun(() => this.read());
  private turn: Promise<number | undefined> | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly watch: CommitWatch,
  ) {}

  /**
   * Two equal marks: a reader that began after the first has everything that was committed before the second was asked
   * for. Undefined while somebody writes. All who ask in one turn of the event loop share a look.
   */
  mark(): Promise<number | undefined> {
    const { mark } = this.watch;
    if (mark !== undefined) return Promise.resolve(mark);
    return (this.turn ??= this.afterTurn());
  }

  private async afterTurn(): Promise<number | undefined> {
    await nextTurn();
    this.turn = undefined;
    return this.reads.run();
  }

  private async read(): Promise<number | undefined> {
    const rows: { last: string | null }[] = await this.dataSource.query(LAST_NUMBER);
    const last = rows[0]?.last ?? null;
    return last === null ? undefined : Number(last);
  }
}
