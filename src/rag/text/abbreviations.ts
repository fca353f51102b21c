/** What a full stop follows without ending a sentence. */
const ABBREVIATION =
  /(?:^|[\s(])(?:\p{Lu}|\p{Lu}\.\p{Lu}|Dr|Mrs?|Ms|Prof|St|Jr|Sr|No|Nos|Vol|vol|Figs?|fig|Eq|Sec|Ch|ch|vs|cf|ca|approx|al|e\.g|i\.e|pp?|Inc|Ltd|Co|Corp|Gen|Col|Capt|Lt|Sgt|Rev|Hon|Mt|U\.S|U\.K|Nr|Abb|bzw|z\.B|d\.h)\.$/u;
/** More letters than any of these has, with what stands before it. */
const LONGEST = 16;

/** Whether the part of a text from `start` to `end` ends with an abbreviation. */
export const endsAbbreviated = (text: string, start = 0, end = text.length): boolean =>
  ABBREVIATION.test(text.slice(Math.max(start, end - LONGEST), end));
