import type { LexicalDocument } from '../lexical.types.js';

/** Passages of one message. Copying those of a book at once would hold up whoever sends them for a quarter of a second. */
const PASSAGES = 1000;

/** Documents in parts of so many passages; one that is divided is in several of them, with some of its passages each. */
export function documentParts(documents: readonly LexicalDocument[], most = PASSAGES): LexicalDocument[][] {
  const parts: LexicalDocument[][] = [];
  let part: LexicalDocument[] = [];
  let room = most;
  for (const document of documents) {
    for (let from = 0; from === 0 || from < document.chunks.length;) {
      if (room === 0) {
        parts.push(part);
        part = [];
        room = most;
      }
      const chunks = document.chunks.slice(from, from + room);
      part.push({ ...document, chunks });
      room -= chunks.length;
      from += Math.max(1, chunks.length);
    }
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

/** The documents that were divided, whole again. */
export function wholeDocuments(parts: readonly (readonly LexicalDocument[])[]): LexicalDocument[] {
  const whole: { document: LexicalDocument; chunks: LexicalDocument['chunks'][number][] }[] = [];
  for (const document of parts.flat()) {
    const last = whole.at(-1);
    if (last?.document.versionId === document.versionId)
      for (const chunk of document.chunks) last.chunks.push(chunk);
    else whole.push({ document, chunks: [...document.chunks] });
  }
  return whole.map(({ document, chunks }) => ({ ...document, chunks }));
}
