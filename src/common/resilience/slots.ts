import { AppError } from '../errors/app-error.js';

/**
 * Lets `size` tasks run at a time and `queue` more wait; past that a caller is turned away at once. A slot is
 * held until its task ends, whether or not anybody still waits for the result.
 */
export class Slots {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly size: number,
    private readonly queue = Infinity,
  ) {}

  /** @throws AppError `service_unavailable` when the queue is full. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.running >= this.size) {
      if (this.waiting.length >= this.queue)
        throw new AppError('service_unavailable', 'The server has too much to do. Try again.', {
          retryAfter: 2,
        });
      // The slot is handed over, not freed: whoever comes in between must not overtake the queue.
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else this.running++;
    try {
      return await task();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}
