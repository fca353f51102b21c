import type { DataSource } from 'typeorm';
import { ADVISORY_LOCKS } from '../../../database/advisory-locks.js';
import type { Transaction } from '../../../database/transaction.types.js';
import type { EncodedSegment, RetiredVersion } from '../../analysis/analysis.types.js';

/** Segments up to this size come with the read that finds them. */
const INLINE_BYTES = 64 * 1024;
/** The driver decodes a result in one go: larger ones would hold the event loop up. */
const FETCH_BYTES = 1024 * 1024;

export interface SegmentRow {
  sequence: number;
  first: number;
  last: number;
  chunks: number;
  retiredThrough: number;
  size: number;
  checksum: number;
  bytes: ArrayBuffer | undefined;
}

/** One entry of the log: a segment, or a version that was retired. */
export type LogRow = SegmentRow | (RetiredVersion & { size?: undefined });

interface RawRow {
  sequence: string;
  first_sequence: string;
  last_sequence: string;
  chunk_count: number;
  retired_through: string;
  size: number;
  checksum: string;
  bytes: Buffer | null;
  version_id: string | null;
}

const COLUMNS = `sequence, first_sequence, last_sequence, chunk_count, retired_through, checksum,
  octet_length(bytes) as size`;

/** The SQL of segments and retirements. */
export class SegmentLog {
  constructor(private readonly dataSource: DataSource) {}

  /** Everything after a sequence number, in order, of one moment. `inline`: small segments with their bytes. */
  async after(sequence: number, inline: boolean): Promise<LogRow[]> {
    const rows: RawRow[] = await this.dataSource.query(
      `select ${COLUMNS}, case when $2 and octet_length(bytes) <= $3 then bytes end as bytes, null::uuid as version_id
       from lexical_segments where sequence > $1
       union all
       select sequence, null, null, null, null, null, null, null, version_id
       from retired_versions where sequence > $1
       order by sequence`,
      [sequence, inline, INLINE_BYTES],
    );
    return rows.map((row) =>
      row.version_id === null
        ? toSegment(row)
        : { sequence: Number(row.sequence), versionId: row.version_id },
    );
  }

  /** All segments in order, without their bytes. */
  async list(): Promise<SegmentRow[]> {
    const rows: RawRow[] = await this.dataSource.query(
      `select ${COLUMNS}, null as bytes from lexical_segments order by sequence`,
    );
    return rows.map(toSegment);
  }

  async retiredAfter(sequence: number): Promise<RetiredVersion[]> {
    const rows: { sequence: string; version_id: string }[] = await this.dataSource.query(
      'select sequence, version_id from retired_versions where sequence > $1 order by sequence',
      [sequence],
    );
    return rows.map((row) => ({ sequence: Number(row.sequence), versionId: row.version_id }));
  }

  /** Fetches what `rows` lack, in the same order; `undefined` when one was merged away meanwhile. */
  async fetch(rows: readonly SegmentRow[]): Promise<ArrayBuffer[] | undefined> {
    const found = new Map(rows.map((row) => [row.sequence, row.bytes]));
    const wanted = rows.filter((row) => row.bytes === undefined);
    for (let at = 0; at < wanted.length;) {
      const from = at;
      for (let size = 0; at < wanted.length && (at === from || size + wanted[at]!.size <= FETCH_BYTES); at++)
        size += wanted[at]!.size;
      const group = wanted.slice(from, at);
      if (group[0]!.size > FETCH_BYTES) found.set(group[0]!.sequence, await this.fetchLarge(group[0]!));
      else for (const [sequence, bytes] of await this.fetchSmall(group)) found.set(sequence, bytes);
    }
    const all = rows.map((row) => found.get(row.sequence));
    return all.every((bytes) => bytes !== undefined) ? all : undefined;
  }

  private async fetchSmall(rows: readonly SegmentRow[]): Promise<[number, ArrayBuffer][]> {
    // A merge keeps the sequence number of its last input; the checksum tells them apart.
    const found: { sequence: string; bytes: Buffer }[] = await this.dataSource.query(
      `select sequence, bytes from lexical_segments
       where (sequence, checksum) in (select * from unnest($1::bigint[], $2::bigint[]))`,
      [rows.map((row) => row.sequence), rows.map((row) => row.checksum)],
    );
    return found.map((row) => [Number(row.sequence), toArrayBuffer(row.bytes)]);
  }

  private async fetchLarge(row: SegmentRow): Promise<ArrayBuffer | undefined> {
    const whole = new Uint8Array(row.size);
    for (let from = 0; from < row.size; from += FETCH_BYTES) {
      const [slice]: { bytes: Buffer }[] = await this.dataSource.query(
        `select substring(bytes from $3 for $4) as bytes from lexical_segments
         where sequence = $1 and checksum = $2`,
        [row.sequence, row.checksum, from + 1, FETCH_BYTES],
      );
      if (slice === undefined || from + slice.bytes.length > row.size) return undefined;
      whole.set(slice.bytes, from);
    }
    return whole.buffer;
  }

  /** Adds a segment with the next sequence number; the log is locked until the transaction ends. */
  async insert(transaction: Transaction, segment: EncodedSegment): Promise<void> {
    await transaction.query(
      `with locked as materialized (select pg_advisory_xact_lock($1)),
            next as materialized (select nextval('index_sequence') as sequence from locked)
       insert into lexical_segments
         (sequence, first_sequence, last_sequence, retired_through, chunk_count, bytes, checksum)
       select sequence, sequence, sequence, sequence, $2, $3, $4 from next`,
      [ADVISORY_LOCKS.indexLog, segment.chunks, Buffer.from(segment.bytes), segment.checksum],
    );
  }

  async insertRow(transaction: Transaction, row: Omit<SegmentRow, 'size'>): Promise<void> {
    await transaction.query(
      `insert into lexical_segments
         (sequence, first_sequence, last_sequence, retired_through, chunk_count, bytes, checksum)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [
        row.sequence,
        row.first,
        row.last,
        row.retiredThrough,
        row.chunks,
        Buffer.from(row.bytes!),
        row.checksum,
      ],
    );
  }

  /** Removes exactly these rows; false when one of them is no longer as it was read. */
  async remove(transaction: Transaction, rows: readonly SegmentRow[]): Promise<boolean> {
    const [, removed]: [unknown, number] = await transaction.query(
      `delete from lexical_segments
       where (sequence, checksum) in (select * from unnest($1::bigint[], $2::bigint[]))`,
      [rows.map((row) => row.sequence), rows.map((row) => row.checksum)],
    );
    return removed === rows.length;
  }
}

const toSegment = (row: RawRow): SegmentRow => ({
  sequence: Number(row.sequence),
  first: Number(row.first_sequence),
  last: Number(row.last_sequence),
  chunks: row.chunk_count,
  retiredThrough: Number(row.retired_through),
  size: row.size,
  checksum: Number(row.checksum),
  bytes: row.bytes === null ? undefined : toArrayBuffer(row.bytes),
});

/** A buffer of its own, which can be handed to another thread: the driver's may share one with other rows. */
function toArrayBuffer(bytes: Buffer): ArrayBuffer {
  const { buffer, byteLength } = bytes;
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) return buffer;
  const own = new Uint8Array(byteLength);
  own.set(bytes);
  return own.buffer;
}
