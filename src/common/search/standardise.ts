/** Mean 0 and deviation 1 over the values that are there; a missing one is neutral, not bad. */
export function standardise(values: readonly (number | undefined)[]): number[] {
  const known = values.filter((value) => value !== undefined);
  const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length);
  const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, known.length);
  const deviation = Math.sqrt(variance);
  return values.map((value) => (value === undefined || deviation === 0 ? 0 : (value - mean) / deviation));
}
