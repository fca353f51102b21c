/** Mean 0 and deviation 1 over the values that are there; a missing one is neutral, not bad. */
export function standardise(values: readonly (number | undefined)[]): Float64Array {
  let count = 0;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === undefined) continue;
    count++;
    sum += value;
  }
  const mean = sum / Math.max(1, count);
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value !== undefined) squares += (value - mean) ** 2;
  }
  const deviation = Math.sqrt(squares / Math.max(1, count));
  // Numbers in memory of their own: as objects they would be garbage by the hundred for each query.
  const result = new Float64Array(values.length);
  if (deviation === 0) return result;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value !== undefined) result[i] = (value - mean) / deviation;
  }
  return result;
}
