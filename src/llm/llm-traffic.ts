import { BrokenCircuitError, ConsecutiveBreaker, circuitBreaker, handleWhen, wrap } from 'cockatiel';
import { AppError } from '../common/errors/app-error.js';
import { again, speaksAgainst, untilAborted } from '../common/resilience/again.js';
import { RemoteFailure } from '../common/resilience/remote-failure.js';
import { Slots } from '../common/resilience/slots.js';
import type { LlmChunk } from './llm.types.js';

/** Times in milliseconds. */
export interface LlmLimits {
  /** Calls at the same time, in this process. */
  concurrency: number;
  concurrencyPerUser: number;
  /** Until the answer begins. */
  firstToken: number;
  /** Between two pieces of an answer. */
  stall: number;
  /** Spent on waiting for the model over a whole answer. */
  total: number;
  /** Before the first repetition; later ones wait longer, each by chance. */
  backoff: number;
  /** How long nobody asks a model that failed several times in a row. */
  pause: number;
}

const DEFAULT_LIMITS: LlmLimits = {
  concurrency: 8,
  concurrencyPerUser: 3,
  firstToken: 30_000,
  stall: 20_000,
  total: 120_000,
  backoff: 500,
  pause: 20_000,
};

const REPETITIONS = 2;
/** Failed attempts in a row: two requests with all their repetitions. */
const BREAKS_AFTER = 6;
/** Requests that may wait for their turn, for each that runs. */
const QUEUE_FACTOR = 8;

type Start = (signal: AbortSignal) => AsyncIterable<LlmChunk>;

interface Opened {
  iterator: AsyncIterator<LlmChunk>;
  first: IteratorResult<LlmChunk>;
  stop: AbortController;
  waited: number;
}

/** How a language model is asked: not too much at once, not too long, again where that helps, and not while it is down. */
export class LlmTraffic {
  private readonly limits: LlmLimits;
  private readonly all: Slots;
  private readonly perUser = new Map<string, { slots: Slots; held: number }>();
  private readonly policy;

  constructor(limits: Partial<LlmLimits> = {}) {
    this.limits = { ...DEFAULT_LIMITS, ...limits };
    const { concurrency, backoff, pause } = this.limits;
    this.all = new Slots(concurrency, concurrency * QUEUE_FACTOR, tooMuch);
    const breaker = circuitBreaker(handleWhen(speaksAgainst), {
      halfOpenAfter: pause,
      breaker: new ConsecutiveBreaker(BREAKS_AFTER),
    });
    this.policy = wrap(again(REPETITIONS, backoff), breaker);
  }

  /**
   * A turn to ask the model; whoever got it calls the result when done. Throws `llm_unavailable` or, for a user
   * with too many requests, `too_many_requests`; and the signal's reason. Who leaves while waiting is in nobody's way.
   */
  async enter(userId: string | undefined, signal: AbortSignal | undefined): Promise<() => void> {
    const leaveUser = userId === undefined ? () => undefined : await this.enterUser(userId, signal);
    try {
      const leave = await this.all.enter(signal);
      return () => {
        leave();
        leaveUser();
      };
    } catch (error) {
      leaveUser();
      throw error;
    }
  }

  /** One answer in one piece. */
  async once<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return this.attempt(signal, async () => {
      const stop = new AbortController();
      const timer = setTimeout(
        () => stop.abort(late('did not answer', this.limits.total)),
        this.limits.total,
      );
      try {
        return await work(both(signal, stop.signal));
      } finally {
        clearTimeout(timer);
      }
    });
  }

  /** An answer piece by piece. Only its beginning is repeated: later the reader has already seen a part. */
  async *stream(start: Start, signal: AbortSignal | undefined): AsyncGenerator<LlmChunk> {
    const { iterator, first, stop, waited } = await this.attempt(signal, () => this.open(start, signal));
    let left = this.limits.total - waited;
    try {
      for (let next = first; !next.done;) {
        yield next.value;
        // A slow reader is not a silent model: the clock runs only while we wait for the model.
        const limit = Math.min(this.limits.stall, left);
        const startedAt = performance.now();
        const timer = setTimeout(() => stop.abort(late('stopped answering', limit)), limit);
        try {
          next = await iterator.next();
        } finally {
          clearTimeout(timer);
        }
        left = Math.max(1, left - (performance.now() - startedAt));
      }
    } finally {
      // The connection is closed even where the client's generator is not resumed any more.
      stop.abort(new Error('the reader has gone'));
      await iterator.return?.().catch(() => undefined);
    }
  }

  private async open(start: Start, signal: AbortSignal | undefined): Promise<Opened> {
    const stop = new AbortController();
    const iterator = start(both(signal, stop.signal))[Symbol.asyncIterator]();
    const { firstToken } = this.limits;
    const startedAt = performance.now();
    const timer = setTimeout(() => stop.abort(late('did not begin to answer', firstToken)), firstToken);
    try {
      for (;;) {
        const first = await iterator.next();
        if (first.done || first.value.text !== '' || first.value.usage)
          return { iterator, first, stop, waited: performance.now() - startedAt };
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Runs `work` under retry and breaker; a caller who leaves does not wait for either. */
  private async attempt<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    const running = this.policy.execute(async () => {
      signal?.throwIfAborted();
      return work();
    });
    try {
      return await untilAborted(running, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof BrokenCircuitError)) throw error;
      throw new AppError('llm_unavailable', 'The language model failed several times and is given a pause.', {
        retryAfter: Math.ceil(this.limits.pause / 1000),
        cause: error,
      });
    }
  }

  private async enterUser(userId: string, signal: AbortSignal | undefined): Promise<() => void> {
    const { concurrencyPerUser } = this.limits;
    const mine = this.perUser.get(userId) ?? {
      slots: new Slots(concurrencyPerUser, concurrencyPerUser * QUEUE_FACTOR, tooManyOfOne),
      held: 0,
    };
    this.perUser.set(userId, mine);
    mine.held++;
    const forget = (): void => {
      mine.held--;
      if (mine.held === 0) this.perUser.delete(userId);
    };
    try {
      const leave = await mine.slots.enter(signal);
      return () => {
        leave();
        forget();
      };
    } catch (error) {
      forget();
      throw error;
    }
  }
}

const tooMuch = (): AppError =>
  new AppError('llm_unavailable', 'The language model has too much to do. Try again shortly.');

const tooManyOfOne = (): AppError =>
  new AppError('too_many_requests', 'You have too many requests to the language model under way.', {
    retryAfter: 5,
  });

const both = (signal: AbortSignal | undefined, stop: AbortSignal): AbortSignal =>
  signal ? AbortSignal.any([signal, stop]) : stop;

const late = (what: string, milliseconds: number): RemoteFailure =>
  // One silence is enough: the caller has waited long.
  new RemoteFailure(
    'llm_unavailable',
    `The language model ${what} for ${Math.ceil(milliseconds / 1000)} s.`,
    {
      retry: false,
      down: true,
    },
  );
