import { crc32 } from 'node:zlib';
import { uuidBytes, UUID_BYTES } from '../../../common/search/uuid-bytes.js';
import { addTotals, HeldSegment, noTotals, type Totals } from './held-segment.js';
import { planMerge, type MergeLimits } from '../segment/merge-plan.js';
import { mergeSegments } from '../segment/segment-merge.js';
import { Segment } from '../segment/segment.js';
import type { SequenceRange } from '../search.types.js';
import type { LogItem, SegmentItem } from '../segment/segment-log.types.js';
import { takeOver } from './take-over.js';

const KB = 1024;
// In memory only what takes a few milliseconds is merged: queries wait meanwhile. Larger merges happen in the
// database, from where they are adopted.
const LIMITS: MergeLimits = {
  tiers: [16 * KB, 128 * KB, 512 * KB],
  least: 8,
  mostBytes: KB * KB,
  mostSegments: 4096,
};
/** A segment that is mostly dead is rewritten, up to this size. */
const REWRITE_BYTES = 8 * KB * KB;

/** What words that are asked for often may take in memory, beside the postings. */
const CACHE = { share: 1 / 4, least: 4 * KB * KB, most: 64 * KB * KB };

/** All segments of the index in memory, and which of their documents are alive. */
export class SearchIndex {
  /** In order of `last`. */
  segments: HeldSegment[] = [];
  totals: Totals = noTotals();
  /** Another number after each change. */
  generation = 0;
  private versions = new VersionFilter();

  get languages(): Set<string> {
    return new Set(this.segments.flatMap(({ segment }) => segment.languages));
  }

  get ranges(): SequenceRange[] {
    return this.segments.map(({ first, last }) => ({ first, last }));
  }

  clear(): void {
    this.generation++;
    this.segments = [];
    this.totals = noTotals();
    this.versions = new VersionFilter();
  }

  /** Takes in what was committed, in order of sequence. Gives the sequences of damaged segments. */
  apply(items: readonly LogItem[]): number[] {
    const damaged: number[] = [];
    this.generation++;
    for (const item of items) {
      if (item.kind === 'retired') this.retire(item.versionId, item.sequence);
      else if (!this.add(item)) damaged.push(item.sequence);
    }
    this.consolidate();
    this.placeSegments();
    return damaged;
  }

  /**
   * Holds a merged segment instead of those that it was made of. False, and all is as before, where it is damaged,
   * replaces fewer than two, or lacks something that is alive here.
   */
  adopt(item: SegmentItem): boolean {
    const held = open(item);
    const others = held && takeOver(held, this.segments);
    if (others === undefined) return false;
    this.generation++;
    this.segments = [...others, held!].sort((a, b) => a.last - b.last);
    this.totals = noTotals();
    for (const { live } of this.segments) addTotals(this.totals, live, 1);
    this.placeSegments();
    return true;
  }

  /** Of these versions, those with no live document here. */
  missing(versionIds: readonly string[]): string[] {
    return versionIds.filter((versionId) => {
      const wanted = uuidBytes(versionId);
      return wanted !== undefined && !this.segments.some((held) => liveVersion(held, wanted) !== undefined);
    });
  }

  private add(item: SegmentItem): boolean {
    const held = open(item);
    if (held === undefined) return false;
    // A merged segment holds all that is alive of its range; a part of the range may have been loaded before.
    const covered = (other: HeldSegment) => item.first <= other.first && other.last <= item.last;
    // Segments are in order of `last`, and hardly ever does one that comes reach back.
    if (this.segments.length > 0 && this.segments.at(-1)!.last >= item.first) {
      for (const other of this.segments) if (covered(other)) addTotals(this.totals, other.live, -1);
      this.segments = this.segments.filter((other) => !covered(other));
    }
    // An empty segment over a range says that all before it is void; over one sequence it is a barrier.
    if (item.empty && item.first !== item.last) return true;
    this.killOlderCopies(held);
    this.versions.addAll(held.segment, this.segments);
    this.segments.push(held);
    addTotals(this.totals, held.live, 1);
    return true;
  }

  /** A version is alive once: where it was indexed again, the later copy counts. */
  private killOlderCopies(held: HeldSegment): void {
    const { segment } = held;
    for (let document = 0; document < segment.documents; document++) {
      const version = segment.versionIds.subarray(document * UUID_BYTES, (document + 1) * UUID_BYTES);
      if (this.versions.mayHold(version)) this.kill(version, Infinity);
    }
  }

  private retire(versionId: string, sequence: number): void {
    const version = uuidBytes(versionId);
    if (version !== undefined && this.versions.mayHold(version)) this.kill(version, sequence);
  }

  private kill(version: Uint8Array, before: number): void {
    for (const held of this.segments) {
      if (held.last >= before) continue;
      for (const document of held.segment.documentsWithVersion(version)) {
        const lost = held.kill(document);
        if (lost !== undefined) addTotals(this.totals, lost, -1);
      }
    }
  }

  private consolidate(): void {
    for (;;) {
      const sizes = this.segments.map((held) => ({
        bytes: held.bytes,
        barrier: held.segment.documents === 0,
      }));
      const run = planMerge(sizes, LIMITS) ?? this.mostlyDead();
      if (run === undefined) return;
      const inputs = this.segments.slice(...run);
      const merged = mergeSegments(inputs);
      const held = merged && [
        new HeldSegment(new Segment(merged.bytes), inputs[0]!.first, inputs.at(-1)!.last),
      ];
      this.segments.splice(run[0], inputs.length, ...(held ?? []));
    }
  }

  private mostlyDead(): [number, number] | undefined {
    const at = this.segments.findIndex(
      ({ segment, live, bytes }) =>
        segment.documents > 0 && live.documents * 2 < segment.documents && bytes <= REWRITE_BYTES,
    );
    return at < 0 ? undefined : [at, at + 1];
  }

  private placeSegments(): void {
    let documents = 0;
    let chunks = 0;
    for (const [place, held] of this.segments.entries()) {
      held.place = place;
      held.documentBase = documents;
      held.chunkBase = chunks;
      documents += held.segment.documents;
      chunks += held.segment.chunks;
    }
    this.divideCache();
  }

  private divideCache(): void {
    const sum = this.segments.reduce((bytes, { segment }) => bytes + segment.postings.length, 0);
    const limit = Math.min(CACHE.most, Math.max(CACHE.least, sum * CACHE.share));
    for (const { segment, terms } of this.segments)
      terms.document.limit = terms.chunk.limit = (limit / 2) * (segment.postings.length / (sum || 1));
  }
}

function open(item: SegmentItem): HeldSegment | undefined {
  if (crc32(new Uint8Array(item.bytes)) !== item.checksum) return undefined;
  try {
    return new HeldSegment(new Segment(item.bytes), item.first, item.last);
  } catch {
    return undefined;
  }
}

const liveVersion = (held: HeldSegment, version: Uint8Array): number | undefined =>
  held.segment.documentsWithVersion(version).find((document) => held.dead[document] === 0);

/** Tells quickly that a version is not in the index; sometimes says that it may be when it is not. */
class VersionFilter {
  private bits = new Uint8Array(1 << 12);
  private entries = 0;

  addAll(segment: Segment, others: readonly HeldSegment[]): void {
    this.entries += segment.documents;
    if (this.entries > this.bits.length / 4) {
      while (this.entries > this.bits.length / 8) this.bits = new Uint8Array(this.bits.length * 2);
      for (const other of others) this.mark(other.segment);
    }
    this.mark(segment);
  }

  mayHold(version: Uint8Array): boolean {
    const hash = this.hash(version, 0);
    return (this.bits[hash >>> 3]! & (1 << (hash & 7))) !== 0;
  }

  private mark(segment: Segment): void {
    for (let at = 0; at < segment.versionIds.length; at += UUID_BYTES) {
      const hash = this.hash(segment.versionIds, at);
      this.bits[hash >>> 3]! |= 1 << (hash & 7);
    }
  }

  private hash(bytes: Uint8Array, at: number): number {
    let hash = 0x811c9dc5;
    for (let i = at; i < at + UUID_BYTES; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    // The low bits of this hash mix poorly without the high ones.
    hash ^= hash >>> 15;
    return (hash >>> 0) & (this.bits.length * 8 - 1);
  }
}
