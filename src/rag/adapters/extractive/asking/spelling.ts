/** The shortest word that one wrong letter does not make another one. */
const LONG = 6;
const LEAST_PART = 4;
/** Slips are few: a text with more unknown words speaks of something else, and would be compared with all there is. */
const MOST_SLIPS = 8;
const WORD = /^\p{L}+$/u;
/** What German joins words with. */
const JOINTS = ['', 's', 'n', 'en', 'es'];

/** One letter too many, missing or wrong, or two in the wrong order. */
export function isSlip(word: string, other: string): boolean {
  let same = 0;
  while (same < word.length && word[same] === other[same]) same++;
  const [a, b] = [word.slice(same), other.slice(same)];
  return (
    a.slice(1) === b.slice(1) ||
    a.slice(1) === b ||
    a === b.slice(1) ||
    (a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2))
  );
}

/**
 * For each long term that stands nowhere, the terms that are meant by it: one of one wrong letter, or two that it is
 * joined of.
 * @param known all terms that were found
 */
export function meantBy(terms: Iterable<string>, known: ReadonlySet<string>): Map<string, readonly string[]> {
  const meant = new Map<string, readonly string[]>();
  const unknown = [...terms].filter((term) => !known.has(term) && term.length >= LONG && WORD.test(term));
  if (unknown.length > MOST_SLIPS) return meant;
  for (const term of unknown) {
    const slips = [...known].filter(
      (other) => other.length >= LONG - 1 && WORD.test(other) && other[0] === term[0] && isSlip(term, other),
    );
    const parts = slips.length === 0 ? joinedOf(term, known) : undefined;
    if (slips.length === 1) meant.set(term, slips);
    else if (parts) meant.set(term, parts);
  }
  return meant;
}

function joinedOf(term: string, known: ReadonlySet<string>): readonly string[] | undefined {
  for (let at = LEAST_PART; at <= term.length - LEAST_PART; at++) {
    const first = term.slice(0, at);
    if (!known.has(first)) continue;
    for (const joint of JOINTS) {
      const rest = term.slice(at);
      const second = rest.slice(joint.length);
      if (rest.startsWith(joint) && second.length >= LEAST_PART && known.has(second)) return [first, second];
    }
  }
  return undefined;
}
