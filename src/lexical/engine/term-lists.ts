import { BM25 } from './bm25.js';
import type { HeldSegment } from './held-segment.js';
import type { Level } from './level.js';
import { PostingList, PostingReader } from './posting-reader.js';
import { NO_UNITS, UnitsWriter, type TermUnits } from './term-units.js';

/** Terms that are remembered as asked for, in each of two halves. */
const MOST_ASKED = 4096;
/** Postings of passages that are kept while a query is answered: 16 MB. */
const MOST_ALONG = 4_000_000;
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
  /** Passages that were read along with documents, by term and segment. */
  private readonly along = new Map<string, Map<HeldSegment, TermUnits>>();
  private readonly passages = new UnitsWriter();
  private alongCount = Infinity;
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
    const units = this.readAlong(held, term) ?? this.read(held, term);
    term.isFrequent ??= this.wasAsked(`${term.level} ${term.term}`);
    if (!term.isFrequent || !cache.hasRoomFor(units)) return units;
    const kept = units === NO_UNITS ? units : units.copy();
    cache.add(term.term, kept);
    return kept;
  }

  /** From now on keeps the passages, too, of what is read for documents: those of the best are asked for next. */
  startReadingAlong(): void {
    this.forgetAlong();
    this.alongCount = 0;
  }

  stopReadingAlong(): void {
    this.alongCount = Infinity;
  }

  forgetAlong(): void {
    this.along.clear();
    this.passages.begin();
  }

  private readAlong(held: HeldSegment, { term, level }: ListedTerm): TermUnits | undefined {
    return level === 'chunk' ? this.along.get(term)?.get(held) : undefined;
  }

  private read(held: HeldSegment, term: ListedTerm): TermUnits {
    const at = held.segment.findTerm(term.bytes);
    if (at < 0) return NO_UNITS;
    this.reader.start(held.segment, at);
    this.reader.next(this.bodies); // names count apart
    this.reader.next(this.bodies);
    this.reader.next(this.headings);
    this.reader.next(this.titles);
    this.writer.reserve(held.units(term.level));
    if (term.level === 'chunk') this.writeChunks(held);
    else if (this.headings.count + this.titles.count > 0) this.writeDocuments(held);
    else {
      this.writeBodies(held);
      if (this.alongCount + this.bodies.count <= MOST_ALONG) this.writeAlong(held, term.term);
    }
    return this.writer.take();
  }

  /** Documents of a word that is in their text only, as nearly all are. */
  private writeBodies({ dead, documentOfChunk }: HeldSegment): void {
    const { writer } = this;
    const { ordinals, frequencies, count } = this.bodies;
    let document = END;
    let frequency = 0;
    for (let i = 0; i < count; i++) {
      const next = documentOfChunk[ordinals[i]!]!;
      if (next === document) {
        frequency += frequencies[i]!;
        continue;
      }
      if (frequency > 0 && dead[document] === 0) writer.add(document, frequency);
      document = next;
      frequency = frequencies[i]!;
    }
    if (frequency > 0 && dead[document] === 0) writer.add(document, frequency);
  }

  private writeAlong(held: HeldSegment, term: string): void {
    const { dead, documentOfChunk } = held;
    const { passages } = this;
    const { ordinals, frequencies, count } = this.bodies;
    passages.reserve(count);
    for (let i = 0; i < count; i++) {
      const passage = ordinals[i]!;
      if (dead[documentOfChunk[passage]!] === 0) passages.add(passage, frequencies[i]!);
    }
    this.alongCount += count;
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
