import { BrokenCircuitError, ConsecutiveBreaker, circuitBreaker, handleWhen, wrap } from 'cockatiel';
import { AppError } from '../../common/errors/app-error.js';
import { again, speaksAgainst, untilAborted } from '../../common/resilience/again.js';
import { RemoteFailure } from '../../common/resilience/remote-failure.js';
import { Embedder } from '../embedder.port.js';
import type { EmbeddingKind, EmbedOptions } from '../embeddings.types.js';
import type { EmbeddingApi } from './embedding-api.port.js';
import { packed, piecesOf, type Piece } from './pieces.js';

/** Times in milliseconds. */
export interface RemoteLimits {
  /** A query waits no longer than this for its vector, or for urgent passages: it is answered by words then. */
  query: number;
  passages: number;
  backoff: number;
  /** How long nobody asks an encoder that failed several times in a row. */
  pause: number;
}

const LIMITS: RemoteLimits = { query: 5_000, passages: 60_000, backoff: 300, pause: 15_000 };
const REPETITIONS = { query: 1, passage: 4 };
/** Whether somebody waits for the vectors. */
type Pace = keyof typeof REPETITIONS;
const BREAKS_AFTER = 5;
const TOKENS_A_REQUEST = 16_000;
/** Requests with passages at the same time; queries do not wait for them. */
const PARALLEL = 2;

interface Part extends Piece {
  /** Which text it is of. */
  of: number;
}

/** An encoder behind an API: packs requests, repeats them, reads long texts piece by piece, checks what comes. */
export class RemoteEmbedder extends Embedder {
  readonly modelId: string;
  readonly dimensions: number;
  readonly maxTokens: number;
  private readonly limits: RemoteLimits;
  private readonly closing = new AbortController();
  private readonly policies;

  constructor(
    private readonly api: EmbeddingApi,
    limits: Partial<RemoteLimits> = {},
  ) {
    super();
    ({ modelId: this.modelId, dimensions: this.dimensions, maxTokens: this.maxTokens } = api.info);
    this.limits = { ...LIMITS, ...limits };
    const breaker = circuitBreaker(handleWhen(speaksAgainst), {
      halfOpenAfter: this.limits.pause,
      breaker: new ConsecutiveBreaker(BREAKS_AFTER),
    });
    this.policies = {
      query: wrap(again(REPETITIONS.query, this.limits.backoff), breaker),
      passage: wrap(again(REPETITIONS.passage, this.limits.backoff), breaker),
    };
  }

  async embed(
    texts: readonly string[],
    { kind, urgent = false, signal }: EmbedOptions,
  ): Promise<Float32Array[]> {
    signal?.throwIfAborted();
    const parts = texts.flatMap((text, of) =>
      piecesOf(text, this.maxTokens).map((piece): Part => ({ ...piece, of })),
    );
    const means = texts.map(() => new Float64Array(this.dimensions));
    const batches = packed(parts, { texts: this.api.maxTexts, tokens: TOKENS_A_REQUEST });
    // Whoever fails ends the others, and what is thrown is the first reason.
    const stop = new AbortController();
    const until = AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]);
    const pace = urgent ? 'query' : kind;
    const lane = async (): Promise<void> => {
      for (let batch = batches.shift(); batch; batch = batches.shift()) {
        const vectors = await this.request(batch, { kind, pace }, until);
        for (const [i, { of, tokens }] of batch.entries()) add(means[of], vectors[i] ?? [], tokens);
      }
    };
    try {
      await Promise.all(Array.from({ length: PARALLEL }, lane));
    } catch (error) {
      stop.abort(error);
      signal?.throwIfAborted();
      throw error;
    }
    return means.map((mean) => unit(mean));
  }

  async close(): Promise<void> {
    this.closing.abort(new AppError('encoder_unavailable', 'The encoder was closed.'));
  }

  private async request(
    batch: readonly Part[],
    { kind, pace }: { kind: EmbeddingKind; pace: Pace },
    signal: AbortSignal,
  ): Promise<readonly Float64Array[]> {
    const until = AbortSignal.any([signal, this.closing.signal]);
    until.throwIfAborted();
    const texts = batch.map((part) => part.text);
    const asked = this.policies[pace].execute(async () => {
      until.throwIfAborted();
      const late = AbortSignal.timeout(pace === 'query' ? this.limits.query : this.limits.passages);
      try {
        return this.check(await this.api.request(texts, kind, AbortSignal.any([until, late])), texts.length);
      } catch (error) {
        until.throwIfAborted();
        if (!late.aborted) throw error;
        const down = { retry: pace === 'passage', down: true };
        throw new RemoteFailure('encoder_unavailable', 'The encoder did not answer in time.', down);
      }
    });
    try {
      return await untilAborted(asked, until);
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      const retryAfter = Math.ceil(this.limits.pause / 1000);
      throw new AppError('encoder_unavailable', 'The encoder failed several times and is given a pause.', {
        retryAfter,
        cause: error,
      });
    }
  }

  /** As unit vectors, so that each piece counts by its length alone. */
  private check(vectors: readonly (readonly number[])[], wanted: number): Float64Array[] {
    const wrong = (what: string): RemoteFailure =>
      new RemoteFailure('encoder_unavailable', `The encoder gave ${what}.`, { retry: false });
    if (vectors.length !== wanted) throw wrong(`${vectors.length} vectors for ${wanted} texts`);
    return vectors.map((vector) => {
      if (vector.length !== this.dimensions)
        throw wrong(`vectors of ${vector.length} dimensions instead of ${this.dimensions}`);
      const length = Math.hypot(...vector);
      if (!Number.isFinite(length) || length === 0) throw wrong('a vector that is none');
      return Float64Array.from(vector, (value) => value / length);
    });
  }
}

function add(mean: Float64Array | undefined, vector: ArrayLike<number>, weight: number): void {
  if (!mean) return;
  for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] ?? 0) + (vector[i] ?? 0) * weight;
}

function unit(vector: Float64Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.sqrt(squares) || 1;
  return Float32Array.from(vector, (value) => value / length);
}
