/** What a full stop follows without ending a sentence. */
const ABBREVIATION =
  /(?:^|[\s(])(?:\p{Lu}|\p{Lu}\.\p{Lu}|Dr|Mrs?|Ms|Prof|St|Jr|Sr|No|Nos|Vol|vol|Figs?|fig|Eq|Sec|Ch|ch|vs|cf|ca|approx|al|e\.g|i\.e|pp?|Inc|Ltd|Co|Corp|Gen|Col|Capt|Lt|Sgt|Rev|Hon|Mt|U\.S|U\.K|Nr|Abb|bzw|z\.B|d\.h|vgl|Attn|z\.Hd)\.$/u;
/** What numbers stand behind: `Invoice no. 2025-0387`, `Klinikstr. 4`; elsewhere `no.` may be an answer. */
const BEFORE_NUMBER =
  /(?:(?:^|[\s(])(?:nos?|nrs?|núm|num|arts?|abs|paras?|ziff|kap|tab|bd|rn|rz|tel|fax|ref)|\p{L}{3}str)\.$/iu;
const NUMBER = /^\s{1,3}[+(]?(?:\p{Lu}{1,4}[-/]?)?\p{Nd}/u;
/** More letters than any of these has, with what stands before it. */
const LONGEST = 16;

/** Whether the part of a text from `start` to `end` ends with an abbreviation. */
export function endsAbbreviated(text: string, start = 0, end = text.length): boolean {
  const said = text.slice(Math.max(start, end - LONGEST), end);
  return ABBREVIATION.test(said) || (BEFORE_NUMBER.test(said) && NUMBER.test(text.slice(end, end + LONGEST)));
}
