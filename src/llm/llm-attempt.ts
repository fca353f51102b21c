import type { LlmChunk } from './llm.types.js';

/**
 * Tells of the last attempt of a request whether the model may bill it though nobody hears its end: what the caller or
 * a time limit broke off was asked, and is worked on. What the model refused or failed at is not.
 */
export class LlmAttempt {
  private underWay = false;

  get mayBeBilled(): boolean {
    return this.underWay;
  }

  async once<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
    this.underWay = true;
    try {
      return await work;
    } catch (error) {
      this.failed(signal);
      throw error;
    }
  }

  async *stream(pieces: AsyncIterable<LlmChunk>, signal: AbortSignal): AsyncGenerator<LlmChunk> {
    this.underWay = true;
    try {
      yield* pieces;
    } catch (error) {
      this.failed(signal);
      throw error;
    }
  }

  private failed(signal: AbortSignal): void {
    if (!signal.aborted) this.underWay = false;
  }
}
