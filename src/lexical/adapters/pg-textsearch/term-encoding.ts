import { BM25 } from '../../engine/bm25.js';
import type { AnalysedDocument } from '../../analysis/analysis.types.js';
import { NO_NAME } from './tables.js';

/** What a tsvector may hold, with room for rounding: longer texts are refused by PostgreSQL. */
const MOST_BYTES = 1_000_000;

/**
 * A term as a word of ASCII letters, which PostgreSQL's parser leaves whole. Terms of other characters become
 * `zz` and their UTF-8 bytes in letters a to p; so do those that start with `zz`, to keep the two apart.
 */
export function encodeTerm(term: string): string {
  if (/^[a-z]+$/.test(term) && !term.startsWith('zz')) return term;
  let out = 'zz';
  for (const byte of Buffer.from(term, 'utf8')) out += letter(byte >> 4) + letter(byte & 15);
  return out;
}

export function decodeTerm(word: string): string {
  if (!word.startsWith('zz')) return word;
  const bytes = [];
  for (let at = 2; at < word.length; at += 2)
    bytes.push(((word.charCodeAt(at) - 97) << 4) | (word.charCodeAt(at + 1) - 97));
  return Buffer.from(bytes).toString('utf8');
}

const letter = (nibble: number): string => String.fromCharCode(97 + nibble);

/** The words of a whole document: a weighted title, every chunk, and headings whose words are nowhere else. */
export function documentWords({ title, chunks }: AnalysedDocument): string {
  const body = [...repeated(title, BM25.document.titleWeight), ...chunks.flatMap((chunk) => chunk.body)];
  const known = new Set(body);
  const headings = new Set(chunks.flatMap((chunk) => chunk.heading).filter((term) => !known.has(term)));
  return words([...body, ...headings]);
}

/** The words of each chunk, with its title and headings. */
export const chunkWords = ({ title, chunks }: AnalysedDocument): string[] =>
  chunks.map((chunk) =>
    words([
      ...repeated(title, BM25.chunk.titleWeight),
      ...repeated(chunk.heading, BM25.chunk.headingWeight),
      ...chunk.body,
    ]),
  );

/** What a name is found by, and its words as they are written. */
export const nameWords = ({ name }: AnalysedDocument): { words: string; written: string } => ({
  words: words(name.terms) || NO_NAME,
  written: words(name.written),
});

/** Each term so often in its place: neighbours stay neighbours, and are so only once. */
const repeated = (terms: readonly string[], weight: number): string[] =>
  terms.flatMap((term) => Array.from({ length: Math.round(weight) }, () => term));

/** The end of a text that is too long for PostgreSQL is left out; its chunks still hold it. */
function words(terms: readonly string[]): string {
  const out: string[] = [];
  const known = new Set<string>();
  let bytes = 0;
  for (const term of terms) {
    const word = encodeTerm(term);
    bytes += known.has(word) ? 2 : word.length + 8;
    if (bytes > MOST_BYTES) break;
    known.add(word);
    out.push(word);
  }
  return out.join(' ');
}
