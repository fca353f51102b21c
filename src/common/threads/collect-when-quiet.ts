/** Longer than the pauses of somebody who reads an answer and asks again. */
const QUIET_MS = 20_000;

/**
 * What a burst of work leaves behind in a worker thread stays there until the next one needs the room: its collector runs
 * when memory is asked for, and a quiet thread asks for none. Once after each time of work, it is made to run.
 * Does nothing where the process was not started with `--expose-gc`.
 * @returns what to call with each piece of work
 */
export function collectWhenQuiet(quietMs = QUIET_MS): () => void {
  const collect = globalThis.gc;
  if (collect === undefined) return () => undefined;
  const timer = setTimeout(() => {
    collect();
  }, quietMs).unref();
  return () => {
    timer.refresh();
  };
}
