/** What a plan needs to know of a segment; `barrier` segments are never merged, nor others across them. */
export interface SegmentSize {
  bytes: number;
  barrier: boolean;
}

export interface MergeLimits {
  /** Runs of segments below one of these sizes are merged, smallest size first. */
  tiers: readonly number[];
  /** Fewer neighbours than this are left alone: merging them again and again would cost more than it saves. */
  least: number;
  mostBytes: number;
  mostSegments: number;
}

/**
 * The next run of neighbours to merge, `[from, to)`. Every segment is rewritten a number of times that grows
 * with the logarithm of the index, because a merge's result belongs to a higher tier.
 */
export function planMerge(
  segments: readonly SegmentSize[],
  limits: MergeLimits,
): [from: number, to: number] | undefined {
  for (const tier of limits.tiers) {
    let from = 0;
    let bytes = 0;
    for (let at = 0; at <= segments.length; at++) {
      const segment = segments[at];
      const fits =
        segment !== undefined &&
        !segment.barrier &&
        segment.bytes < tier &&
        at - from < limits.mostSegments &&
        bytes + segment.bytes <= limits.mostBytes;
      if (fits) {
        bytes += segment.bytes;
        continue;
      }
      if (at - from >= limits.least) return [from, at];
      const startsHere = segment !== undefined && !segment.barrier && segment.bytes < tier;
      from = startsHere ? at : at + 1;
      bytes = startsHere ? segment.bytes : 0;
    }
  }
  return undefined;
}
