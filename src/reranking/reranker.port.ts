import type { RerankerOptions, Scored } from './reranking.types.js';

/** Reads a question together with a passage and says how well the one answers the other. */
export abstract class Reranker {
  abstract readonly modelId: string;

  /**
   * @param options.deadline of `performance.timeOrigin + performance.now()`, in milliseconds: what is not done by then
   * is not done at all
   * @throws Error when the model failed; the reason of `signal`
   */
  abstract score(
    query: string,
    texts: readonly string[],
    options: { deadline: number; signal?: AbortSignal | undefined },
  ): Promise<Scored>;

  abstract close(): Promise<void>;
}

export abstract class RerankerLoader {
  /** @throws Error whose message says why the model cannot be used */
  abstract load(options: RerankerOptions, onLost: (detail: string) => void): Promise<Reranker>;
}
