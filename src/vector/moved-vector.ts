/** The vector with `share` of the mean of others added, each at length 1. */
export function movedTowards(
  vector: Float32Array,
  others: readonly Float32Array[],
  share: number,
): Float32Array {
  const moved = vector.slice();
  for (const other of others) {
    const factor = share / others.length / Math.sqrt(other.reduce((sum, value) => sum + value * value, 0));
    for (let i = 0; i < moved.length; i++) moved[i]! += factor * other[i]!;
  }
  return moved;
}
