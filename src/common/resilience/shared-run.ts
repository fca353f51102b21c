/** Runs work one run at a time. Calls that come before a run begins share it: each gets what was begun after it. */
export class SharedRun<Result> {
  private current: Promise<unknown> = Promise.resolve();
  private queued: Promise<Result> | undefined;

  constructor(private readonly work: () => Promise<Result>) {}

  run(): Promise<Result> {
    return (this.queued ??= this.afterCurrent());
  }

  /** Resolves when the run that is under way has ended, well or badly. */
  async ended(): Promise<void> {
    await this.current;
  }

  private async afterCurrent(): Promise<Result> {
    await this.current;
    this.queued = undefined;
    const run = this.work();
    this.current = run.catch(() => undefined);
    return await run;
  }
}
