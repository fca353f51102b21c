import { AppError } from '../errors/app-error.js';

/**
 * Lets `size` tasks run at a time and `queue` more wait; past that a caller is turned away at once. A slot is
 * held until its task ends, whether or not anybody still waits for the result.
 */
export class Slots {
  private running = 0;
  /** Who came first is first. */
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly size: number,
    private readonly queue = Infinity,
    private readonly refusal = tooMuch,
  ) {}

  /** @throws AppError `service_unavailable`, or the refusal of its own, when the queue is full. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.running >= this.size) await this.turn();
    else this.running++;
    try {
      return await task();
    } finally {
      this.leave();
    }
  }

  /**
   * A slot that is held until the result is called. Whoever leaves while waiting makes room in the queue at once.
   * Throws as `run`, and the signal's reason.
   */
  async enter(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.running >= this.size) await this.turn(signal);
    else this.running++;
    let left = false;
    return () => {
      if (!left) this.leave();
      left = true;
    };
  }

  private async turn(signal?: AbortSignal): Promise<void> {
    if (this.waiting.size >= this.queue) throw this.refusal();
    await new Promise<void>((resolve, reject) => {
      const begin = (): void => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        this.waiting.delete(begin);
        reject(signal?.reason as Error);
      };
      this.waiting.add(begin);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** The slot is handed over, not freed: whoever comes in between must not overtake the queue. */
  private leave(): void {
    const [next] = this.waiting;
    if (next) {
      this.waiting.delete(next);
      next();
    } else this.running--;
  }
}

const tooMuch = (): AppError =>
  new AppError('service_unavailable', 'The server has too much to do. Try again.', { retryAfter: 2 });
