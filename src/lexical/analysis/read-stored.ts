import { crc32 } from 'node:zlib';
import type { SegmentContents } from './analysis.types.js';
import { uuidAt } from '../../common/search/uuid-bytes.js';
import { Segment } from '../engine/segment/segment.js';

/** What a stored segment holds; `undefined` where it is damaged or of another format. */
export function readStored(bytes: ArrayBuffer, checksum: number): SegmentContents | undefined {
  if (crc32(new Uint8Array(bytes)) !== checksum) return undefined;
  let segment: Segment;
  try {
    segment = new Segment(bytes);
  } catch {
    return undefined;
  }
  const documents = Array.from({ length: segment.documents }, (_, document) => document);
  return {
    versionIds: documents.map((document) => uuidAt(segment.versionIds, document)),
    chunks: documents.map((document) => segment.firstChunk[document + 1]! - segment.firstChunk[document]!),
  };
}
