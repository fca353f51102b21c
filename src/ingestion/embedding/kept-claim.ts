/**
 * Runs `work` and keeps a claim meanwhile, however long it takes. When it has ended nothing extends the claim any more.
 */
export async function keeping<T>(
  extend: () => Promise<void>,
  everyMs: number,
  work: () => Promise<T>,
): Promise<T> {
  let extending: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    // One that could not be extended may lapse: then somebody else does the same work, which is only a waste.
    extending = extending.then(extend).catch(() => undefined);
  }, everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await extending;
  }
}
