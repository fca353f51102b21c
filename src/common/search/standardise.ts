/** Mean 0 and deviation 1 over the values that are there; a missing one is neutral, not bad. */
export function standardise(values: readonly (number | undefined)[]): number[] {
  let [count, sum, squares] = [0, 0, 0];
  for (const value of values) {
    if (value === undefined) continue;
    count++;
    sum += value;
  }
  const mean = sum / Math.max(1, count);
  for (const value of values) if (value !== undefined) squares += (value - mean) ** 2;
  const deviation = Math.sqrt(squares / Math.max(1, count));
  return values.map((value) => (value === undefined || deviation === 0 ? 0 : (value - mean) / deviation));
}
