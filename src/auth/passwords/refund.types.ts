/** Keys of counters: what takes an attempt back, as if it had not been made. */
export interface Refund {
  /** One point less each. */
  decrement: string[];
  delete: string[];
}

export const NO_REFUND: Refund = { decrement: [], delete: [] };
