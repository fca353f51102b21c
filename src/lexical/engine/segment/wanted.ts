/** Units of a segment that are asked for, ascending. */
export class Wanted {
  count = 0;

  /** @param firstChunk by document, where the units are documents; none where they are passages */
  constructor(
    readonly units: Uint32Array,
    private readonly firstChunk: Uint32Array | undefined,
  ) {}

  /** The first passage of a unit. */
  first(index: number): number {
    const unit = this.units[index]!;
    return this.firstChunk ? this.firstChunk[unit]! : unit;
  }

  /** Its last one. */
  last(index: number): number {
    const unit = this.units[index]!;
    return this.firstChunk ? this.firstChunk[unit + 1]! - 1 : unit;
  }
}
