/**
 * How a language asks, and how its answers are told. Words are parted by white space, a blank in one is written `_`. What
 * stands in a lookahead says what is asked for and is looked for like other words: `what(?=_year)`.
 */
export interface Asking {
  person: string;
  number: string;
  time: string;
  place: string;
  explanation: string;
  /** Beginnings of questions that want yes or no. */
  confirmation?: string;
  /** The same, wherever it stands. */
  confirming?: string;
  /** Words that say little about what is asked. In languages without spaces patterns, like the words that ask. */
  little: string;
  /** Numbers in words. */
  amounts: string;
  /** Months, days and other words that tell when. */
  times: string;
  reasons: string;
  /** Capitals do not tell names. */
  nounsInCapitals?: true;
  /** Words are not parted by spaces. */
  unspaced?: true;
}
