const CLOSED = 0;
const INSIDE = 1;
/** Longer than loading a model takes on a busy machine. */
const WAIT_MS = 5_000;

/**
 * Shared by the two sides of a worker thread: whether native code may be entered, and whether it is being run.
 * A process that ends while a thread is inside aborts instead of exiting, so its end waits for the thread.
 */
export type RunGate = Int32Array<SharedArrayBuffer>;

export const newGate = (): RunGate => new Int32Array(new SharedArrayBuffer(8));

/** The thread's side: runs native work, or never returns when the process is ending. */
export async function throughGate<T>(gate: RunGate, work: () => Promise<T>): Promise<T> {
  Atomics.store(gate, INSIDE, 1);
  // Entered first and asked second: the other side does it the other way round, so one of them sees the other.
  if (Atomics.load(gate, CLOSED) === 1) {
    leave(gate);
    return new Promise(() => undefined);
  }
  try {
    return await work();
  } finally {
    leave(gate);
  }
}

function leave(gate: RunGate): void {
  Atomics.store(gate, INSIDE, 0);
  Atomics.notify(gate, INSIDE);
}

/** The process's side: lets nothing in any more and blocks until the thread is outside. */
export function closeGate(gate: RunGate): void {
  Atomics.store(gate, CLOSED, 1);
  Atomics.wait(gate, INSIDE, 1, WAIT_MS);
}
