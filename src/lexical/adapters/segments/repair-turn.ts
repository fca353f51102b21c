import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { ADVISORY_LOCKS } from '../../../database/advisory-locks.js';

const LOOK_MS = 1_000;

/** Lets one at a time index what is missing, in all processes: the others wait, and then find it stored. */
export class RepairTurn {
  private before: Promise<unknown> = Promise.resolve();

  /** `shared`: other processes use the database too. The embedded one has a single session, which no lock may keep. */
  constructor(
    private readonly dataSource: DataSource,
    private readonly shared: boolean,
  ) {}

  take<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    const mine = this.before.then(() => this.alone(signal, work));
    this.before = mine.catch(() => undefined);
    return mine;
  }

  private async alone<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    for (;;) {
      signal.throwIfAborted();
      if (!this.shared) return await work();
      const done = await this.tryTake(work);
      if (done !== undefined) return done.result;
      await sleep(LOOK_MS, undefined, { ref: false, signal });
    }
  }

  /**
   * The transaction has nothing but the lock, so it holds up nobody else however long it takes. A lock of the session would
   * stay behind where a pooler hands sessions around.
   */
  private async tryTake<Result>(work: () => Promise<Result>): Promise<{ result: Result } | undefined> {
    let done: { result: Result } | undefined;
    try {
      await this.dataSource.transaction(async (transaction) => {
        const [lock]: { held: boolean }[] = await transaction.query(
          'select pg_try_advisory_xact_lock($1) as held',
          [ADVISORY_LOCKS.segmentRepair],
        );
        if (lock!.held) done = { result: await work() };
      });
    } catch (error) {
      // An idle connection may have been ended meanwhile; the work is done all the same.
      if (done === undefined) throw error;
    }
    return done;
  }
}
