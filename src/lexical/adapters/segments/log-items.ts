import type { LogItem } from '../../engine/segment/segment-log.types.js';
import type { LogRow, SegmentLog, SegmentRow } from './segment-log.js';

/** Bytes handed to the search thread at once while loading. */
const BATCH_BYTES = 8 * 1024 * 1024;
const BATCH_ITEMS = 5_000;

/** Rows with the bytes of their segments; undefined where one was merged away since it was listed. */
export async function fetchItems(
  log: Pick<SegmentLog, 'fetch'>,
  rows: readonly LogRow[],
): Promise<LogItem[] | undefined> {
  const segments = rows.filter(isSegment);
  const buffers = await log.fetch(segments);
  if (buffers === undefined) return undefined;
  const bytes = new Map(segments.map((row, i) => [row.sequence, buffers[i]!]));
  return rows.map((row) =>
    isSegment(row)
      ? {
          kind: 'segment',
          sequence: row.sequence,
          first: row.first,
          last: row.last,
          checksum: row.checksum,
          bytes: bytes.get(row.sequence)!,
          empty: row.chunks === 0,
        }
      : { kind: 'retired', sequence: row.sequence, versionId: row.versionId },
  );
}

export const isSegment = (row: LogRow): row is SegmentRow => row.size !== undefined;

/** To be moved to the thread, not copied. */
export const buffersOf = (items: readonly LogItem[]): ArrayBuffer[] =>
  items.flatMap((item) => (item.kind === 'segment' ? [item.bytes] : []));

/** Stretches that are handed over at once. */
export function batches(rows: readonly LogRow[]): LogRow[][] {
  const out: LogRow[][] = [];
  let bytes = Infinity;
  for (const row of rows) {
    const size = row.size ?? 0;
    if (bytes + size > BATCH_BYTES || out.at(-1)!.length >= BATCH_ITEMS) {
      out.push([]);
      bytes = 0;
    }
    out.at(-1)!.push(row);
    bytes += size;
  }
  return out;
}
