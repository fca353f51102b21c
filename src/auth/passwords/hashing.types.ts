/** Cost of an argon2id hash. */
export interface HashingCost {
  /** KiB. */
  memoryCost: number;
  /** Passes over the memory. */
  timeCost: number;
  /** Lanes. */
  parallelism: number;
}

/** What the process that hashes is asked for: a hash, or whether a password belongs to one. */
export type HashingTask =
  { kind: 'hash'; password: string; cost: HashingCost } | { kind: 'verify'; password: string; hash: string };

export interface HashingRequest {
  id: number;
  task: HashingTask;
}

/** Exactly one for each request, in any order. */
export interface HashingReply {
  id: number;
  result?: string | boolean;
  /** Message of the error when the task failed. */
  error?: string;
}
