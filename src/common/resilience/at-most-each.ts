/** Asks again, at most once in so many milliseconds; for the first time when so many have passed. */
export function atMostEach(ms: number, ask: () => Promise<void>): () => Promise<void> {
  let asked = performance.now();
  return async () => {
    if (performance.now() - asked < ms) return;
    await ask();
    asked = performance.now();
  };
}
