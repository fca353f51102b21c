import { UUID_BYTES } from '../../../common/search/uuid-bytes.js';
import type { HeldSegment } from './held-segment.js';

/** So many segments are replaced at least: one would be no gain. */
export const LEAST_REPLACED = 2;

/**
 * Lets a merged segment take the place of those whose range it covers: what was dead in them is dead in it. What it shares
 * with a segment that reaches over its range dies there.
 * @returns the segments that stay beside it; undefined, with nothing changed in them, where it replaces too few or
 * lacks what is alive in one that it would replace
 */
export function takeOver(merged: HeldSegment, segments: readonly HeldSegment[]): HeldSegment[] | undefined {
  const isCovered = ({ first, last }: HeldSegment): boolean => merged.first <= first && last <= merged.last;
  const covered = segments.filter(isCovered);
  const others = segments.filter((held) => !isCovered(held));
  if (covered.length < LEAST_REPLACED) return undefined;
  const alive = new Set(covered.flatMap(liveVersions));
  const beside = others.filter(({ first, last }) => first <= merged.last && last >= merged.first);
  const shared: [HeldSegment, number][] = [];
  const dead: number[] = [];
  for (let document = 0; document < merged.segment.documents; document++) {
    if (alive.delete(versionOf(merged, document))) continue;
    const elsewhere = liveCopy(merged, document, beside);
    if (elsewhere) shared.push(elsewhere);
    else dead.push(document);
  }
  if (alive.size > 0) return undefined;
  for (const document of dead) merged.kill(document);
  for (const [held, document] of shared) held.kill(document);
  return others;
}

function liveCopy(
  { segment }: HeldSegment,
  document: number,
  among: readonly HeldSegment[],
): [HeldSegment, number] | undefined {
  const version = segment.versionIds.subarray(document * UUID_BYTES, (document + 1) * UUID_BYTES);
  for (const held of among)
    for (const copy of held.segment.documentsWithVersion(version))
      if (held.dead[copy] === 0) return [held, copy];
  return undefined;
}

const liveVersions = (held: HeldSegment): string[] =>
  Array.from(held.dead.keys())
    .filter((document) => held.dead[document] === 0)
    .map((document) => versionOf(held, document));

/** As a key: one character a byte. */
function versionOf({ segment: { versionIds } }: HeldSegment, document: number): string {
  const { buffer, byteOffset } = versionIds;
  return Buffer.from(buffer, byteOffset + document * UUID_BYTES, UUID_BYTES).toString('latin1');
}
