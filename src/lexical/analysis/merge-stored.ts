import { crc32 } from 'node:zlib';
import type { RetiredVersion, StoredSegment } from './analysis.types.js';
import { UUID_BYTES } from '../../common/search/uuid-bytes.js';
import type { BuiltSegment } from '../engine/segment/segment-builder.js';
import { mergeSegments } from '../engine/segment/segment-merge.js';
import { Segment } from '../engine/segment/segment.js';

/**
 * Merges stored neighbours, in order, without what was retired after it was stored. Of a version that occurs
 * twice, the later copy stays.
 * @throws Error when a segment is damaged.
 */
export function mergeStored(
  stored: readonly StoredSegment[],
  retired: readonly RetiredVersion[],
): BuiltSegment | undefined {
  const retiredAt = new Map<string, number>();
  for (const { versionId, sequence } of retired) {
    const key = versionId.replaceAll('-', '').toLowerCase();
    retiredAt.set(key, Math.max(sequence, retiredAt.get(key) ?? 0));
  }
  const inputs = stored.map(({ bytes, checksum, last }) => {
    if (crc32(new Uint8Array(bytes)) !== checksum) throw new Error(`segment ${last} is damaged`);
    const segment = new Segment(bytes);
    return { segment, last, dead: new Uint8Array(segment.documents) };
  });
  const later = new Set<string>();
  for (const { segment, last, dead } of inputs.toReversed()) {
    const ids = Buffer.from(
      segment.versionIds.buffer,
      segment.versionIds.byteOffset,
      segment.versionIds.length,
    );
    const here: string[] = [];
    for (let document = 0; document < segment.documents; document++) {
      const version = ids.toString('hex', document * UUID_BYTES, (document + 1) * UUID_BYTES);
      if (later.has(version) || (retiredAt.get(version) ?? -1) > last) dead[document] = 1;
      here.push(version);
    }
    for (const version of here) later.add(version);
  }
  return mergeSegments(inputs);
}
