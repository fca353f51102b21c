import { BM25 } from './bm25.js';
import type { HeldSegment } from './held-segment.js';
import type { Level } from './level.js';
import { PostingList, PostingReader } from './posting-reader.js';
import { NO_UNITS, UnitsWriter, type TermUnits } from './term-units.js';

/** Terms that are remembered as asked for, in each of two halves. */
const MOST_ASKED = 4096;
/** Behind all ordinals. */
const END = 0xffff_ffff;

/** A term as lists of it are looked up. */
export interface ListedTerm {
  term: string;
  bytes: Uint8Array;
  level: Level;
  /** Whether it was asked for before, lately: then its lists are worth keeping. Unknown until one is missing. */
  isFrequent: boolean | undefined;
}

/** Finds which units of a segment hold a term, and how often by weight of the field: from memory, or from the postings. */
export class TermLists {
  private readonly reader = new PostingReader();
  private readonly bodies = new PostingList();
  private readonly headings = new PostingList();
  private readonly titles = new PostingList();
  private readonly writer = new UnitsWriter();
  private asked = new Set<string>();
  private askedBefore = new Set<string>();

  /** Forgets what was decoded and not kept. */
  begin(term: string, bytes: Uint8Array, level: Level): ListedTerm {
    this.writer.begin();
    return { term, bytes, level, isFrequent: undefined };
  }

  /** Units of live documents; valid until the next `begin`. */
  of(held: HeldSegment, term: ListedTerm): TermUnits {
    const cache = held.terms[term.level];
    const found = cache.find(term.term);
    if (found !== undefined) return found;
    const at = held.segment.findTerm(term.bytes);
    if (at >= 0) {
      this.reader.start(held.segment, at);
      this.reader.next(this.bodies); // names count apart
      this.reader.next(this.bodies);
      this.reader.next(this.headings);
      this.reader.next(this.titles);
      this.writer.reserve(held.units(term.level));
      if (term.level === 'document') this.writeDocuments(held);
      else this.writeChunks(held);
    }
    const units = at < 0 ? NO_UNITS : this.writer.take();
    term.isFrequent ??= this.wasAsked(`${term.level} ${term.term}`);
    if (!term.isFrequent || !cache.hasRoomFor(units)) return units;
    const kept = at < 0 ? units : units.copy();
    cache.add(term.term, kept);
    return kept;
  }

  private wasAsked(key: string): boolean {
    if (this.asked.has(key)) return true;
    if (this.asked.size >= MOST_ASKED) {
      this.askedBefore = this.asked;
      this.asked = new Set();
    }
    this.asked.add(key);
    return this.askedBefore.has(key);
  }

  private writeDocuments({ dead, documentOfChunk }: HeldSegment): void {
    const { bodies, headings, titles, writer } = this;
    const { titleWeight } = BM25.document;
    const inBody = bodies.ordinals;
    const [bodyEnd, headingEnd, titleEnd] = [bodies.count, headings.count, titles.count];
    let [body, heading, title] = [0, 0, 0];
    let bodyDocument = bodyEnd > 0 ? documentOfChunk[inBody[0]!]! : END;
    let headingDocument = headingEnd > 0 ? documentOfChunk[headings.ordinals[0]!]! : END;
    let titleDocument = titleEnd > 0 ? titles.ordinals[0]! : END;
    for (;;) {
      const document = Math.min(bodyDocument, headingDocument, titleDocument);
      if (document === END) return;
      let frequency = 0;
      while (bodyDocument === document) {
        frequency += bodies.frequencies[body++]!;
        bodyDocument = body < bodyEnd ? documentOfChunk[inBody[body]!]! : END;
      }
      if (titleDocument === document) {
        frequency += titleWeight * titles.frequencies[title++]!;
        titleDocument = title < titleEnd ? titles.ordinals[title]! : END;
      }
      // A heading is repeated for every passage under it and usually part of the text; it counts once, and only
      // where the word is nowhere else in the document.
      while (headingDocument === document) {
        if (frequency === 0) frequency = 1;
        heading++;
        headingDocument = heading < headingEnd ? documentOfChunk[headings.ordinals[heading]!]! : END;
      }
      if (dead[document] === 0) writer.add(document, frequency);
    }
  }

  private writeChunks({ dead, documentOfChunk, segment: { firstChunk } }: HeldSegment): void {
    const { bodies, headings, titles, writer } = this;
    const { headingWeight, titleWeight } = BM25.chunk;
    const [bodyEnd, headingEnd, titleEnd] = [bodies.count, headings.count, titles.count];
    let [body, heading, title] = [0, 0, 0];
    let bodyChunk = bodyEnd > 0 ? bodies.ordinals[0]! : END;
    let headingChunk = headingEnd > 0 ? headings.ordinals[0]! : END;
    let titleChunk = titleEnd > 0 ? firstChunk[titles.ordinals[0]!]! : END;
    for (;;) {
      const chunk = Math.min(bodyChunk, headingChunk, titleChunk);
      if (chunk === END) return;
      let frequency = 0;
      if (bodyChunk === chunk) {
        frequency = bodies.frequencies[body++]!;
        bodyChunk = body < bodyEnd ? bodies.ordinals[body]! : END;
      }
      if (headingChunk === chunk) {
        frequency += headingWeight * headings.frequencies[heading++]!;
        headingChunk = heading < headingEnd ? headings.ordinals[heading]! : END;
      }
      if (titleChunk === chunk) {
        frequency += titleWeight * titles.frequencies[title]!;
        // A title belongs to each passage of its document.
        if (++titleChunk === firstChunk[titles.ordinals[title]! + 1]!)
          titleChunk = ++title < titleEnd ? firstChunk[titles.ordinals[title]!]! : END;
      }
      if (dead[documentOfChunk[chunk]!] === 0) writer.add(chunk, frequency);
    }
  }
}
