export interface Lease {
  /** False where it is over or somebody else's: then the work is aborted. */
  extend: () => Promise<boolean>;
  everyMs: number;
  /** What the work is aborted with. */
  lost: string;
  /** An extension that failed: the next one may succeed before the lease lapses. */
  onError: (error: unknown) => void;
}

/** Runs `work` as long as its lease can be extended, with a signal that also ends with `outer`. */
export async function underLease(
  lease: Lease,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const lost = new AbortController();
  const extending = setInterval(() => {
    lease
      .extend()
      .then((held) => held || lost.abort(new Error(lease.lost)))
      .catch(lease.onError);
  }, lease.everyMs);
  try {
    await work(AbortSignal.any([outer, lost.signal]));
  } finally {
    clearInterval(extending);
  }
}
