import { uuidAt, uuidTexts, UUID_BYTES } from '../../common/search/uuid-bytes.js';
import type { LexicalHit } from '../lexical.types.js';

/** Ids of a hit that are always asked for, in this order. */
const IDS = 2;

/** Hits on their way from the thread: pieces of memory that change hands, instead of hundreds of objects. */
export interface PackedHits {
  /** Two UUIDs a hit: its document and its passage. */
  ids: Uint8Array;
  /** One UUID a hit. */
  versions: Uint8Array;
  scores: Float64Array;
  exact: Uint32Array;
  /** On what grounds hits are said to hold phrases; numbers alone tell the rest. */
  claims: PhraseClaim[];
}

/** That a hit holds a phrase, because for each of these pairs one of the passages has it. */
export interface PhraseClaim {
  hit: number;
  pairs: { pair: readonly [string, string]; chunkIds: string[] }[];
}

export const newHits = (count: number): PackedHits => ({
  ids: new Uint8Array(count * IDS * UUID_BYTES),
  versions: new Uint8Array(count * UUID_BYTES),
  scores: new Float64Array(count),
  exact: new Uint32Array(count),
  claims: [],
});

/** Writes the UUID at `index` of `bytes` as the document of a hit. */
export const setDocument = (hits: PackedHits, hit: number, bytes: Uint8Array, index: number): void =>
  copy(hits.ids, hit * IDS, bytes, index);

export const setVersion = (hits: PackedHits, hit: number, bytes: Uint8Array, index: number): void =>
  copy(hits.versions, hit, bytes, index);

export const setPassage = (hits: PackedHits, hit: number, bytes: Uint8Array, index: number): void =>
  copy(hits.ids, hit * IDS + 1, bytes, index);

function copy(to: Uint8Array, place: number, from: Uint8Array, index: number): void {
  for (let i = 0; i < UUID_BYTES; i++) to[place * UUID_BYTES + i] = from[index * UUID_BYTES + i]!;
}

/** What moves with a message. */
export const memoryOf = ({ ids, versions, scores, exact }: PackedHits): ArrayBuffer[] =>
  [ids, versions, scores, exact].map(({ buffer }) => buffer as ArrayBuffer);

/**
 * Hits are read when all that a query waits for is there: until then they are one piece of memory. A version is hardly
 * ever asked for, so its text is made only then.
 */
class PackedHit implements LexicalHit {
  constructor(
    private readonly hits: ReadableHits,
    private readonly index: number,
  ) {}

  get documentId(): string {
    return this.hits.texts[this.index * IDS]!;
  }

  get chunkIds(): string[] {
    return [this.hits.texts[this.index * IDS + 1]!];
  }

  get score(): number {
    return this.hits.packed.scores[this.index]!;
  }

  get exact(): number | undefined {
    return this.hits.packed.exact[this.index] || undefined;
  }

  get versionId(): string {
    return uuidAt(this.hits.packed.versions, this.index);
  }
}

class ReadableHits {
  private read: readonly string[] | undefined;

  constructor(readonly packed: PackedHits) {}

  get texts(): readonly string[] {
    return (this.read ??= uuidTexts(this.packed.ids));
  }
}

export function readHits(packed: PackedHits): LexicalHit[] {
  const hits = new ReadableHits(packed);
  return Array.from(packed.scores, (_, index) => new PackedHit(hits, index));
}
