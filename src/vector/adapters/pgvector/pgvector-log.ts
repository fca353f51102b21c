import type { DataSource } from 'typeorm';
import { UUID_BYTES } from '../../../common/search/uuid-bytes.js';
import { VectorLog, type VectorPage } from '../../vector-log.port.js';
import type { VectorIndex } from '../../vector.types.js';
import { createGraph, dropBrokenGraph, rowsAfter } from './pgvector-sql.js';

const IDS_BYTES = 4 * UUID_BYTES;
/** pgvector sends two 16-bit words before the numbers. */
const VECTOR_START = IDS_BYTES + 4;

/** Vectors and retirements in the order of their commits, from PostgreSQL. */
export class PgVectorLog extends VectorLog {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  async vectorsAfter(index: VectorIndex, sequence: number, limit: number): Promise<VectorPage> {
    const read = await this.dataSource.query<{ sequence: string; row: string | null }[]>(rowsAfter(index), [
      sequence,
      limit,
    ]);
    const found = read.flatMap(({ row }) => row ?? []);
    const ids = new Uint8Array(found.length * IDS_BYTES);
    const vectors = new Float32Array(found.length * index.dimensions);
    found.forEach((row, i) => {
      const bytes = Buffer.from(row, 'base64');
      ids.set(bytes.subarray(0, IDS_BYTES), i * IDS_BYTES);
      for (let column = 0; column < index.dimensions; column++)
        vectors[i * index.dimensions + column] = bytes.readFloatBE(VECTOR_START + column * 4);
    });
    return {
      ids,
      vectors,
      rows: found.length,
      read: read.length,
      sequence: Number(read.at(-1)?.sequence ?? sequence),
    };
  }

  async newestRetirement(): Promise<number> {
    const rows = await this.dataSource.query<{ sequence: string }[]>(
      'select coalesce(max(sequence), 0) as sequence from retired_versions',
    );
    return Number(rows[0]?.sequence ?? 0);
  }

  async retiredAfter(sequence: number): Promise<{ versionIds: string[]; sequence: number }> {
    const rows = await this.dataSource.query<{ sequence: string; version_id: string }[]>(
      'select sequence, version_id from retired_versions where sequence > $1 order by sequence',
      [sequence],
    );
    return {
      versionIds: rows.map((row) => row.version_id),
      sequence: Number(rows.at(-1)?.sequence ?? sequence),
    };
  }

  async buildGraph(index: VectorIndex): Promise<void> {
    const statement = createGraph(index);
    if (statement === undefined) return;
    await this.dataSource.query(dropBrokenGraph(index));
    await this.dataSource.query(statement);
  }
}
