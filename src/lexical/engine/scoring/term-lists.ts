import { BM25 } from '../bm25.js';
import type { HeldSegment } from '../held/held-segment.js';
import type { Level } from '../level.js';
import { BLOCK, PostingList, PostingReader } from '../segment/posting-reader.js';
import { TermBounds } from '../held/term-bounds.js';
import { NO_UNITS, UnitsWriter, type TermUnits } from '../held/term-units.js';
import type { Wanted } from '../segment/wanted.js';

/** Terms that are remembered as asked for, in each of two halves. */
const MOST_ASKED = 4096;
/** Units that are kept while a query is answered: 16 MB. */
const MOST_KEPT = 4_000_000;
/** Longer lists of passages are entered where they are wanted. */
export const MOST_UNMARKED = 2 * BLOCK;
/** Where every so manieth posting is wanted, nearly all blocks are. */
const DENSE = BLOCK / 2;
/** Behind all ordinals. */
const END = 0xffff_ffff;

/** A term as lists of it are looked up. */
export interface ListedTerm {
  term: string;
  bytes: Uint8Array;
  level: Level;
  /** Whether it was asked for before, lately: then its lists are worth keeping. Unknown until one is missing. */
  isFrequent: boolean | undefined;
  /** What was read for its bounds, which stays until the query is answered, and what was given last, by segment. */
  kept: (TermUnits | undefined)[] | undefined;
}

export const listedTerm = (term: string, bytes: Uint8Array, level: Level): ListedTerm => ({
  term,
  bytes,
  level,
  isFrequent: undefined,
  kept: undefined,
});

/** Finds which units of a segment hold a term, and how often by weight of the field: from memory, or from the postings. */
export class TermLists {
  private readonly reader = new PostingReader();
  private readonly bodies = new PostingList();
  private readonly headings = new PostingList();
  private readonly titles = new PostingList();
  private readonly writer = new UnitsWriter();
  private readonly kept = new UnitsWriter();
  /** Passages that were read along with documents, by term and segment. */
  private readonly along = new Map<string, Map<HeldSegment, TermUnits>>();
  private readonly passages = new UnitsWriter();
  private keptCount = 0;
  /** The longest list of passages that is kept when documents are looked for. */
  private mostAlong = 0;
  private asked = new Set<string>();
  private askedBefore = new Set<string>();

  /** Forgets what was decoded and not kept. */
  begin(term: string, bytes: Uint8Array, level: Level): ListedTerm {
    this.release();
    return listedTerm(term, bytes, level);
  }

  /** What `of` gave may be written over from now on. */
  release(): void {
    this.writer.begin();
  }

  /** @param mostAlong from now on the passages, too, of what is read for documents are kept: those of the best come next */
  beginQuery(mostAlong: number): void {
    this.endQuery();
    this.mostAlong = mostAlong;
  }

  /** From now on no passages are kept. */
  stopReadingAlong(): void {
    this.mostAlong = 0;
  }

  endQuery(): void {
    this.along.clear();
    this.mostAlong = this.keptCount = 0;
    this.passages.begin();
    this.kept.begin();
  }

  /**
   * Units of live documents; valid until the next `begin` or `release`. Only those that are wanted have to be among them. A
   * term that keeps lists gives the same one again: until then it must not be asked for other units of the segment, and
   * never again after.
   */
  of(held: HeldSegment, term: ListedTerm, wanted?: Wanted): TermUnits {
    const known = term.kept?.[held.place] ?? held.terms[term.level].find(term.term);
    if (known !== undefined) return known;
    const along = term.level === 'chunk' ? this.along.get(term.term)?.get(held) : undefined;
    const units = along ? this.cached(held, term, along) : this.readFor(held, term, wanted);
    if (term.kept) term.kept[held.place] = units;
    return units;
  }

  private readFor(held: HeldSegment, term: ListedTerm, wanted: Wanted | undefined): TermUnits {
    const marks = wanted && held.long.marks(term.term);
    if (!wanted || !marks || wanted.count * DENSE > marks.count)
      return this.cached(held, term, this.read(held, term, this.writer));
    this.reader.nextAmong(this.bodies, held.segment, marks, wanted);
    return this.write(held, term.level, this.writer);
  }

  /** What a term adds at most in a segment, without its postings if that is possible. */
  boundsOf(held: HeldSegment, term: ListedTerm): TermBounds {
    const found = held.long.bounds(term.term, term.level);
    if (found !== undefined) return found;
    const lengths = held.lengths(term.level);
    const known = held.terms[term.level].find(term.term);
    if (known !== undefined && known.count <= MOST_UNMARKED) {
      if (term.kept) term.kept[held.place] = known;
      return TermBounds.of(known, lengths);
    }
    const units = this.readForQuery(held, term);
    const bounds = TermBounds.of(units, lengths);
    if (units !== NO_UNITS && this.bodies.count > MOST_UNMARKED)
      held.long.add(term.term, term.level, bounds, this.bodies);
    return bounds;
  }

  private readForQuery(held: HeldSegment, term: ListedTerm): TermUnits {
    if (!term.kept || this.keptCount >= MOST_KEPT) {
      this.release();
      return this.cached(held, term, this.read(held, term, this.writer));
    }
    const units = this.cached(held, term, this.read(held, term, this.kept));
    this.keptCount += units.count;
    term.kept[held.place] = units;
    return units;
  }

  /** The same units in memory of their own, if they are worth it. */
  private cached(held: HeldSegment, term: ListedTerm, units: TermUnits): TermUnits {
    const cache = held.terms[term.level];
    term.isFrequent ??= this.wasAsked(`${term.level} ${term.term}`);
    if (!term.isFrequent || !cache.hasRoomFor(units)) return units;
    const copy = units === NO_UNITS ? units : units.copy();
    cache.add(term.term, copy);
    return copy;
  }

  private writerOf({ kept }: ListedTerm): UnitsWriter {
    return kept && this.keptCount < MOST_KEPT ? this.kept : this.writer;
  }

  private remember(held: HeldSegment, { kept }: ListedTerm, units: TermUnits): TermUnits {
    if (kept === undefined || this.keptCount >= MOST_KEPT) return units;
    this.keptCount += units.count;
    kept[held.place] = units;
    return units;
  }

  private read(held: HeldSegment, term: ListedTerm, writer: UnitsWriter): TermUnits {
    const at = held.segment.findTerm(term.bytes);
    if (at < 0) return NO_UNITS;
    this.reader.start(held.segment, at);
    this.reader.next(this.bodies); // names count apart
    this.reader.next(this.bodies);
    const units = this.write(held, term.level, writer);
    if (term.level === 'document' && this.bodies.count <= this.mostAlong) this.writeAlong(held, term.term);
    return units;
  }

  /** Brings the lists of one term together. */
  private write(held: HeldSegment, level: Level, writer: UnitsWriter): TermUnits {
    this.reader.next(this.headings);
    this.reader.next(this.titles);
    writer.reserve(held.units(level));
    const isDocument = level === 'document';
    const { documentOfChunk, dead, live, segment } = held;
    const { ordinals, frequencies, count } = this.bodies;
    // A word that is in texts only, as nearly all are.
    if (
      this.headings.count + this.titles.count === 0 &&
      writer.addAll(ordinals, frequencies, count, isDocument ? documentOfChunk : undefined)
    ) {
      if (live.documents < segment.documents) writer.dropDead(dead, isDocument ? undefined : documentOfChunk);
    } else if (isDocument) this.writeDocuments(held, writer);
    else this.writeChunks(held, writer);
    return writer.take();
  }

  /** Where a word stands in nothing but texts. */
  private writeAlong(held: HeldSegment, term: string): void {
    const { dead, documentOfChunk } = held;
    const { passages } = this;
    const { ordinals, frequencies, count } = this.bodies;
    if (this.headings.count + this.titles.count > 0 || this.keptCount + count > MOST_KEPT) return;
    passages.reserve(count);
    for (let i = 0; i < count; i++) {
      const passage = ordinals[i]!;
      if (dead[documentOfChunk[passage]!] === 0) passages.add(passage, frequencies[i]!);
    }
    this.keptCount += count;
    let known = this.along.get(term);
    if (known === undefined) this.along.set(term, (known = new Map()));
    known.set(held, passages.take());
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

  private writeDocuments({ dead, documentOfChunk }: HeldSegment, writer: UnitsWriter): void {
    const { bodies, headings, titles } = this;
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

  private writeChunks(
    { dead, documentOfChunk, segment: { firstChunk } }: HeldSegment,
    writer: UnitsWriter,
  ): void {
    const { bodies, headings, titles } = this;
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
