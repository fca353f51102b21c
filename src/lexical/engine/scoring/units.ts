import { uuidBytes } from '../../../common/search/uuid-bytes.js';
import type { LexicalQuery } from '../../lexical.types.js';
import type { HeldSegment } from '../held/held-segment.js';
import type { Level } from '../level.js';
import type { SearchIndex } from '../held/search-index.js';

/** Who may read at most one document in this many is answered from those, not from all. */
const FEW = 8;

/** Where a unit (document or chunk) of the whole index stands. */
export interface Place {
  held: HeldSegment;
  ordinal: number;
}

/** Documents of segments, marked by 1. */
export type Marked = ReadonlyMap<HeldSegment, Uint8Array>;

/** Who asks: the collections that may be read, and if only some documents are meant, their units. */
export interface Scope {
  collections: ReadonlySet<string>;
  documents: ReadonlySet<number> | undefined;
}

/** Of the collections of a segment, 1 for those in scope. */
export function allowedIn(held: HeldSegment, { collections }: Scope): Uint8Array {
  return Uint8Array.from(held.collections, (id) => (collections.has(id) ? 1 : 0));
}

/** Which documents and passages of the index are meant: by id, by number, and by who asks. */
export class Units {
  constructor(private readonly index: SearchIndex) {}

  /** Which documents may be shown to who asks. */
  scope(query: LexicalQuery): Scope {
    const collections = new Set(query.collectionIds.map((id) => id.toLowerCase()));
    const documents = query.documentIds && this.documentUnits(query.documentIds);
    return { collections, documents };
  }

  /** The live documents of a scope, marked, where they are few among all; else undefined. */
  few(scope: Scope): Marked | undefined {
    const readable = new Map<HeldSegment, Uint8Array>();
    let count = 0;
    for (const held of this.index.segments) {
      const allowed = allowedIn(held, scope);
      const documents = held.documentsOf.reduce((sum, size, i) => sum + size * allowed[i]!, 0);
      if (documents > 0) readable.set(held, allowed);
      count += documents;
    }
    const { documents } = scope;
    count = Math.min(count, documents?.size ?? Infinity);
    if (count * FEW > this.index.totals.documents) return undefined;
    if (documents) {
      const units = [...documents].filter((unit) => {
        const { held, ordinal } = this.placeOf(unit, 'document');
        return readable.get(held)?.[held.segment.documentCollection[ordinal]!] === 1;
      });
      return this.documentsWith(units, 'document');
    }
    const marked = new Map<HeldSegment, Uint8Array>();
    for (const [held, allowed] of readable) {
      const { documentCollection } = held.segment;
      marked.set(
        held,
        held.dead.map((dead, document) => (dead === 0 ? allowed[documentCollection[document]!]! : 0)),
      );
    }
    return marked;
  }

  /** The documents of these units, marked. */
  documentsWith(units: readonly (number | undefined)[], level: Level): Marked {
    const marked = new Map<HeldSegment, Uint8Array>();
    for (const unit of units) {
      if (unit === undefined) continue;
      const { held, ordinal } = this.placeOf(unit, level);
      let marks = marked.get(held);
      if (marks === undefined) marked.set(held, (marks = new Uint8Array(held.segment.documents)));
      marks[level === 'document' ? ordinal : held.documentOfChunk[ordinal]!] = 1;
    }
    return marked;
  }

  private documentUnits(ids: readonly string[]): Set<number> {
    return new Set(ids.map((id) => this.find(id, 'document')).filter((unit) => unit !== undefined));
  }

  /** The live unit with this id. */
  find(id: string, level: Level): number | undefined {
    const wanted = uuidBytes(id);
    if (wanted === undefined) return undefined;
    for (const held of this.index.segments) {
      const { segment } = held;
      if (level === 'document') {
        for (const document of segment.documentsWithId(wanted))
          if (held.dead[document] === 0) return held.documentBase + document;
      } else {
        for (const chunk of segment.chunksWithId(wanted))
          if (held.dead[held.documentOfChunk[chunk]!] === 0) return held.chunkBase + chunk;
      }
    }
    return undefined;
  }

  placeOf(unit: number, level: Level): Place {
    const { segments } = this.index;
    let low = 0;
    let high = segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (segments[middle]!.base(level) <= unit) low = middle;
      else high = middle - 1;
    }
    const held = segments[low]!;
    return { held, ordinal: unit - held.base(level) };
  }
}
