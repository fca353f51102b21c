/** An entry of a map. */
const OTHER_BYTES = 50;
const FREQUENCY_BITS = 8;
const MOST_PACKED = 255;

/**
 * Live units of a segment that hold a term, in ascending order, with their weighted frequencies: in one number each, the
 * ordinal above and the frequency in the lowest byte. Where that is no whole number up to 255 it is 0 there and stands in
 * `others`. Segments are far from having the 16 million units that there is room for.
 */
export class TermUnits {
  constructor(
    readonly packed: Uint32Array,
    /** They stand from here in `packed`. */
    readonly from: number,
    readonly to: number,
    /** Frequencies by ordinal. */
    readonly others: ReadonlyMap<number, number>,
  ) {}

  get count(): number {
    return this.to - this.from;
  }

  /** That a copy takes. */
  get bytes(): number {
    return this.count * Uint32Array.BYTES_PER_ELEMENT + this.others.size * OTHER_BYTES;
  }

  /** In memory of its own. */
  copy(): TermUnits {
    const packed = this.packed.slice(this.from, this.to);
    return new TermUnits(packed, 0, packed.length, this.others);
  }

  frequencyOf(packed: number): number {
    return packed & MOST_PACKED || this.others.get(packed >>> FREQUENCY_BITS)!;
  }

  /** Where in `packed` the first unit is that is not below `ordinal`, at or after `from`; cheap where that is near. */
  lowerBound(ordinal: number, from: number): number {
    const { packed, to } = this;
    const wanted = ordinal * (MOST_PACKED + 1);
    let low = from;
    let step = 1;
    while (low + step <= to && packed[low + step - 1]! < wanted) {
      low += step;
      step *= 2;
    }
    let high = Math.min(to, low + step - 1);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (packed[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export const ordinalOf = (packed: number): number => packed >>> FREQUENCY_BITS;

const NONE: ReadonlyMap<number, number> = new Map();
export const NO_UNITS = new TermUnits(new Uint32Array(0), 0, 0, NONE);

/** Memory for units of one segment after the other, used again for the next term. */
export class UnitsWriter {
  private packed = new Uint32Array(0);
  private others: Map<number, number> | undefined;
  private count = 0;
  private from = 0;

  /** What was given before may be written over from now on. */
  begin(): void {
    this.count = this.from = 0;
  }

  /** Makes room for so many; what was given before stays where it is. */
  reserve(units: number): void {
    if (this.count + units <= this.packed.length) return;
    this.packed = new Uint32Array(Math.max(1024, units, this.packed.length * 2));
    this.count = this.from = 0;
  }

  add(ordinal: number, frequency: number): void {
    let low = frequency & MOST_PACKED;
    if (low !== frequency || low === 0) {
      low = 0;
      (this.others ??= new Map()).set(ordinal, frequency);
    }
    this.packed[this.count++] = (ordinal << FREQUENCY_BITS) | low;
  }

  /**
   * Adds these ascending ordinals, of equal ones the sum, after what `unitOf` makes of each, which ascends too. Without
   * branches that nobody can foresee; @returns false, and adds nothing, where a frequency does not fit into its byte.
   */
  addAll(
    ordinals: Uint32Array,
    frequencies: Uint32Array,
    count: number,
    unitOf: Uint32Array | undefined,
  ): boolean {
    const { packed } = this;
    let at = this.count - 1;
    let before = -1;
    let sum = 0;
    let bits = 0;
    for (let i = 0; i < count; i++) {
      const unit = unitOf ? unitOf[ordinals[i]!]! : ordinals[i]!;
      const difference = unit ^ before;
      // 1 for another unit, 0 for the same again.
      const isOther = (difference | -difference) >>> 31;
      at += isOther;
      sum = frequencies[i]! + (sum & (isOther - 1));
      bits |= sum;
      packed[at] = (unit << FREQUENCY_BITS) | (sum & MOST_PACKED);
      before = unit;
    }
    if (bits > MOST_PACKED) return false;
    this.count = at + 1;
    return true;
  }

  /** Drops what was added since the last time where `dead` is 1, by unit or by what `documentOf` makes of it. */
  dropDead(dead: Uint8Array, documentOf: Uint32Array | undefined): void {
    const { packed } = this;
    let kept = this.from;
    for (let at = this.from; at < this.count; at++) {
      const ordinal = ordinalOf((packed[kept] = packed[at]!));
      kept += 1 - dead[documentOf ? documentOf[ordinal]! : ordinal]!;
    }
    this.count = kept;
  }

  /** What was added since the last time; valid until `begin`. */
  take(): TermUnits {
    const units = new TermUnits(this.packed, this.from, this.count, this.others ?? NONE);
    this.from = this.count;
    this.others = undefined;
    return units;
  }
}
