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
  /** Longest pause between two attempts; they double from two seconds. */
  maxRetrySeconds?: number;
  expireSeconds: number;
  /** Jobs of this kind that run side by side in one process. */
  concurrency?: number;
  /** Jobs that each of those takes at once: they run side by side, are claimed and settled together, and wait for each other. */
  batch?: number;
  /** Also runs on this schedule. */
  everySeconds?: number;
  /** Must be idempotent: after a crash the same job runs again. Throws `JobDead` where another attempt is no use. */
  run(data: T, context: JobContext): Promise<void>;
}

/** Ends a job for good: it stays as `failed` with this reason. */
export class JobDead extends Error {
  override readonly name = 'JobDead';
}

export interface NewJob {
  /** The same job twice is one; what is left of an earlier one with this id is replaced. */
  id: string;
  data: object;
}

export interface JobCounts {
  name: string;
  state: string;
  count: number;
}

export const JOB_STATES = ['created', 'retry', 'active', 'completed', 'cancelled', 'failed'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** A job as the queue holds it; those that ended stay for a day. */
export interface JobRow {
  id: string;
  name: string;
  state: JobState;
  /** Who waits for it; null for upkeep. */
  owner_id: string | null;
  data: Record<string, unknown> | null;
  attempts: number;
  error: string | null;
  created_at: Date;
  start_after: Date;
  started_at: Date | null;
  completed_at: Date | null;
}

export interface JobQuery {
  name?: string | undefined;
  state?: JobState | undefined;
  ownerId?: string | undefined;
  after?: { at: string; id: string } | undefined;
  limit: number;
}
