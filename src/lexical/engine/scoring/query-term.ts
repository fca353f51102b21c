export interface QueryTerm {
  term: string;
  bytes: Uint8Array;
  /** How often the query holds the term. */
  weight: number;
}
