export interface IdempotentRequest {
  userId: string;
  key: string;
  /** Of method, address and body. */
  fingerprint: Buffer;
}

/** A request that nobody else works on. */
export interface HeldRequest {
  /** The n-th call gives the same id for the same request, in every process, for as long as its key is kept. */
  nextId(): string;
  /**
   * Keeps the answer for whoever sends the same request again.
   * @param fingerprint of the request where it was begun unread
   */
  complete(answer: unknown, fingerprint?: Buffer): Promise<void>;
  /** Lets the key go, for the same request or another one: it failed. */
  release(): Promise<void>;
}

/** Requests by the key that their sender gave them. */
export abstract class IdempotencyStore {
  /** Whether `begin` has an answer for this key now, should it be the same request. */
  abstract isAnswered(request: Pick<IdempotentRequest, 'userId' | 'key'>): Promise<boolean>;

  /**
   * @returns the request to work on, or the answer that it had before
   * @throws AppError `idempotency_in_flight`, `idempotency_key_reused`
   */
  abstract begin(request: IdempotentRequest): Promise<{ held: HeldRequest } | { answer: unknown }>;

  /**
   * The same for a request whose body is worked on as it comes, so that its fingerprint is of method and address alone.
   * `answered`: the key has an answer; read the body to find out whether it is of this request, and ask `begin`.
   * @throws AppError `idempotency_in_flight`, `idempotency_key_reused`
   */
  abstract beginUnread(request: IdempotentRequest): Promise<{ held: HeldRequest } | 'answered'>;
}
