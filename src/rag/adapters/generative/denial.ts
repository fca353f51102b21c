/** Longer answers say more than that. */
const LONGEST = 1000;
const CLAUSE =
  /[.!?;:\n\u2013\u2014]+|,?\s+(?:but|however|yet|although|though|nevertheless|so|because)\b|,\s*(?:and|which)\b/i;

const SOURCES =
  '(?:documents?|passages?|sources?|texts?|excerpts?|context|materials?|information (?:provided|given|available)|(?:provided|given|available) information)';
const SAY =
  '(?:say|state|mention|contain|answer|give|tell|provide|include|describe|specify|hold|name|cover|address|explain|indicate|discuss|reveal|identify)';
const SAID =
  '(?:said|stated|mentioned|contained|answered|given|told|provided|included|described|specified|named|covered|addressed|explained|indicated|discussed|found|identified|available)';
const NOT = "(?:\\bnot|n['\u2019]t|\\bcannot)";

/** What denies something about the documents; a denial about anything else is a statement like others. */
const DENIALS = [
  // "The passages do not say who designed it."
  `\\b${SOURCES}\\b[^,]{0,40}?${NOT}\\s+(?:\\w+\\s+){0,2}?${SAY}\\b`,
  // "The documents contain no information about it."
  `\\b${SOURCES}\\s+(?:\\w+\\s+){0,2}?(?:contain|give|provide|include|hold|have|has|offer|make)s?\\s+(?:no|nothing)\\b`,
  `\\b${SOURCES}\\s+(?:say|state|mention|tell)s?\\s+nothing\\b`,
  `\\b${SOURCES}\\s+(?:is|are)\\s+silent\\b`,
  `\\bnone of the\\s+(?:\\w+\\s+)?${SOURCES}\\b[^,]{0,20}?\\b${SAY}s?\\b`,
  // "This is not mentioned in the documents."
  `${NOT}\\s+(?:\\w+\\s+){0,2}?${SAID}\\b[^,]{0,40}?\\b(?:in|by|within|among|from)\\s+(?:\\w+\\s+){0,3}?${SOURCES}\\b`,
  // "There is nothing about it in the passages."
  `\\b(?:nothing|nowhere|no\\s+(?:information|mention|answer|statement|details?|passage))\\b[^,]{0,60}?\\b(?:in|within|among)\\s+(?:\\w+\\s+){0,3}?${SOURCES}\\b`,
].map((pattern) => new RegExp(pattern, 'i'));

/**
 * Whether an answer says, in English, that the documents do not hold it, and says nothing else: each of its clauses
 * denies that a document says something.
 */
export function deniesSources(answer: string): boolean {
  if (answer.length > LONGEST) return false;
  const clauses = answer.split(CLAUSE).filter((clause) => /[\p{L}\p{N}]/u.test(clause));
  return (
    clauses.length > 0 && clauses.every((clause) => DENIALS.some((pattern) => pattern.test(clause.trim())))
  );
}
