import { inverseDocumentFrequency, NAMES } from '../bm25.js';
import type { HeldSegment } from '../held/held-segment.js';
import type { Level } from '../level.js';
import { PostingList, PostingReader } from '../segment/posting-reader.js';
import type { SearchIndex } from '../held/search-index.js';
import type { Marked } from './units.js';

/** Documents of a segment whose file is found by a term, ascending. */
export interface NamedDocuments {
  held: HeldSegment;
  documents: Uint32Array;
}

/** Finds documents by the names of their files. */
export class FileNames {
  private readonly reader = new PostingReader();
  private readonly list = new PostingList();

  constructor(private readonly index: SearchIndex) {}

  /** Live documents whose file is found by a term, in segments that have one. */
  find(term: Uint8Array, segments: Iterable<HeldSegment> = this.index.segments): NamedDocuments[] {
    return [...segments].flatMap((held) => {
      const documents = this.findIn(held, term);
      return documents.length > 0 ? [{ held, documents }] : [];
    });
  }

  /** How many there are, counted once as long as all of a segment live. */
  count(term: Uint8Array): number {
    const key = `name ${Buffer.from(term).toString('utf8')}`;
    return this.index.segments.reduce(
      (sum, held) => sum + held.counted(key, () => this.findIn(held, term).length),
      0,
    );
  }

  /** A word of the query in the name of a file counts the more the fewer documents are called by it, whatever the text says. */
  worth(count: number): number {
    return NAMES.weight * inverseDocumentFrequency(this.index.totals.documents, count);
  }

  private findIn(held: HeldSegment, term: Uint8Array): Uint32Array {
    const at = held.live.named > 0 ? held.segment.findTerm(term) : -1;
    if (at < 0) return NONE;
    this.reader.start(held.segment, at);
    this.reader.next(this.list);
    const { ordinals, count } = this.list;
    return ordinals.subarray(0, count).filter((document) => held.dead[document] === 0);
  }
}

const NONE = new Uint32Array(0);

/** What adds up for a unit, and who is told of the first. */
interface Among {
  wanted: Marked;
  touched: number[];
}

/** Adds a value to all units of documents, or of those among them that are marked. */
export function addToNamed(
  found: readonly NamedDocuments[],
  value: number,
  level: Level,
  scores: Float64Array,
  among?: Among,
): void {
  for (const { held, documents } of found)
    for (const document of documents) {
      if (among && among.wanted.get(held)?.[document] !== 1) continue;
      const [first, end] = unitsOf(held, document, level);
      for (let unit = first; unit < end; unit++) {
        if (scores[unit] === 0) among?.touched.push(unit);
        scores[unit]! += value;
      }
    }
}

/** The units of a document, in the whole index: itself, or its passages. */
export function unitsOf(held: HeldSegment, document: number, level: Level): [first: number, end: number] {
  if (level === 'document') return [held.documentBase + document, held.documentBase + document + 1];
  const { firstChunk } = held.segment;
  return [held.chunkBase + firstChunk[document]!, held.chunkBase + firstChunk[document + 1]!];
}
