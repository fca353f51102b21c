const LEAST_ROOM = 1024;

/**
 * Keeps the best units of what it is offered, in numbers only. Whatever may be one of them is put down; whenever there is no
 * more room, the best stay. That touches each number a few times, where a heap would move hundreds of them around.
 */
export class TopUnits {
  /** A lower score is not among the best: not worth offering. */
  least = 0;
  count = 0;
  units = new Uint32Array(0);
  scores = new Float64Array(0);
  private spare = new Float64Array(0);
  /** How many are wanted. */
  size = 0;
  private room = 0;
  /** Of the best with the lowest score the one that comes last, if others with that score were left out. */
  private last = -1;

  /** @param isBefore tells equal scores apart: whether the first of two units comes first */
  constructor(private readonly isBefore: (unit: number, other: number) => boolean) {}

  /** Empties it, for the best `size`; a score of 0 is none. */
  begin(size: number): void {
    this.size = size;
    this.count = 0;
    this.least = Number.MIN_VALUE;
    this.last = -1;
    this.room = Math.max(LEAST_ROOM, size * 2);
    if (this.room <= this.units.length) return;
    this.units = new Uint32Array(this.room);
    this.scores = new Float64Array(this.room);
    this.spare = new Float64Array(this.room);
  }

  /** `score`: not below `least`. */
  take(unit: number, score: number): void {
    if (score === this.least && this.last >= 0 && !this.isBefore(unit, this.last)) return;
    this.units[this.count] = unit;
    this.scores[this.count++] = score;
    if (this.count === this.room) this.cut();
  }

  /** Leaves the best, in any order; others may come. */
  end(): void {
    if (this.count > this.size) this.cut();
  }

  private cut(): void {
    const { units, scores, spare, count, size } = this;
    spare.set(scores.subarray(0, count));
    const least = highest(spare, count, size);
    const equal: number[] = [];
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const score = scores[i]!;
      if (score > least) {
        units[kept] = units[i]!;
        scores[kept++] = score;
      } else if (score === least) equal.push(units[i]!);
    }
    if (kept + equal.length > size) {
      equal.sort((a, b) => (this.isBefore(a, b) ? -1 : 1)).length = size - kept;
      this.last = equal.at(-1)!;
    } else this.last = -1;
    for (const unit of equal) {
      units[kept] = unit;
      scores[kept++] = least;
    }
    this.count = kept;
    this.least = least;
  }
}

/** The `nth` highest, from 1, of the first `count` values, which change places. */
function highest(values: Float64Array, count: number, nth: number): number {
  const wanted = nth - 1;
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const pivot = values[(low + high) >>> 1]!;
    let [i, j] = [low, high];
    while (i <= j) {
      while (values[i]! > pivot) i++;
      while (values[j]! < pivot) j--;
      if (i > j) break;
      const value = values[i]!;
      values[i++] = values[j]!;
      values[j--] = value;
    }
    if (wanted <= j) high = j;
    else if (wanted >= i) low = i;
    else return values[wanted]!;
  }
  return values[wanted]!;
}
