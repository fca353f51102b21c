export interface JobContext {
  /** Aborts when the job is cancelled, expires, or the process stops. */
  signal: AbortSignal;
  /** When this attempt fails there is no other: the moment to write down the failure. */
  lastAttempt: boolean;
}

export interface JobDefinition<T extends object> {
  name: string;
  /** At most one job of this kind waits at a time; enqueueing another is then no effect. */
  single?: boolean;
  retries: number;
  expireSeconds: number;
  /** Jobs of this kind that run side by side in one process. */
  concurrency?: number;
  /** Also runs on this schedule. */
  everySeconds?: number;
  /** Must be idempotent: after a crash the same job runs again. */
  run(data: T, context: JobContext): Promise<void>;
}

export interface JobCounts {
  name: string;
  state: string;
  count: number;
}
