import { QueryFailedError, type DataSource } from 'typeorm';
import { NIL_UUID } from '../../../common/nil-uuid.js';
import { BriefCache } from '../../../common/resilience/brief-cache.js';
import { AppError } from '../../../common/errors/app-error.js';
import { StartError } from '../../../config/config-error.js';
import { NAMED_LOCKS } from '../../../database/advisory-locks.js';
import type { Transaction } from '../../../database/transaction.types.js';
import { lookTwice } from '../../look-twice.js';
import { VectorStore, type VectorWrite } from '../../vector-store.port.js';
import type {
  Feedback,
  VectorHit,
  VectorIndex,
  VectorQuery,
  VectorRecord,
  VersionCount,
} from '../../vector.types.js';
import {
  countReadable,
  distancesOf,
  isGraphWorth,
  type GraphCounts,
  createSearch,
  createTable,
  dropFormerSearch,
  searchFunction,
  tableName,
  upsert,
  vectorsOf,
} from './pgvector-sql.js';

interface HitRow {
  chunk_id: string;
  document_id: string;
  version_id: string;
  distance: number;
}

/** Rows of one insert. In the embedded database every query waits for it, so it must stay short. */
const BATCH = 4;
/** The same inside a transaction, for which all wait in any case. */
const BATCH_INSIDE = 64;
const LISTED = 1000;
/** How old counts of vectors may be: it decides how to search, never what is found. */
const COUNTS_MS = 10_000;
const UNDEFINED_TABLE = '42P01';
const MIN_VERSION = [0, 8] as const;
const ADVICE =
  'install pgvector 0.8 or newer on the PostgreSQL server (https://github.com/pgvector/pgvector), or set CHROMA_URL';

/** Vectors beside their documents in PostgreSQL, found by an exact scan or, once it was built, pgvector's HNSW graph. */
export class PgVectorStore extends VectorStore {
  private readonly counts = new BriefCache<GraphCounts>(COUNTS_MS);

  constructor(private readonly dataSource: DataSource) {
    super();
  }

  async assertUsable(): Promise<void> {
    const rows = await this.dataSource.query<{ version: string }[]>(
      `select coalesce(installed_version, default_version) as version
       from pg_available_extensions where name = 'vector'`,
    );
    const version = rows[0]?.version;
    if (version === undefined) throw new StartError(`the database has no pgvector: ${ADVICE}`);
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major === MIN_VERSION[0] && minor < MIN_VERSION[1])
      throw new StartError(`the database has pgvector ${version}, which is too old: ${ADVICE}`);
  }

  async createIndex(index: VectorIndex): Promise<void> {
    await this.assertUsable();
    const statements = [
      'create extension if not exists vector',
      // Its settings are known once it is loaded; before, only a superuser may name them.
      `select '[1]'::vector`,
      ...createTable(index),
      dropFormerSearch(index),
      createSearch(index),
    ];
    await this.dataSource.transaction(async (transaction) => {
      // "if not exists" still collides when two processes start at once.
      await transaction.query(`select pg_advisory_xact_lock(${NAMED_LOCKS.vectorTables})`);
      for (const statement of statements) await transaction.query(statement);
    });
  }

  use(): void {}

  async prepare(): Promise<void> {}

  async follow(): Promise<void> {}

  async dropIndex(index: VectorIndex): Promise<void> {
    await this.dataSource.query(`drop function if exists ${searchFunction(index)}`);
    await this.dataSource.query(`drop table if exists ${tableName(index)}`);
  }

  upsert(index: VectorIndex, records: readonly VectorRecord[]): Promise<void> {
    return write(this.dataSource, index, records, BATCH);
  }

  prepareShow(index: VectorIndex, records: readonly VectorRecord[]): Promise<VectorWrite> {
    return Promise.resolve((tx) => write(tx, index, records, BATCH_INSIDE));
  }

  async query(index: VectorIndex, vector: Float32Array, query: VectorQuery): Promise<VectorHit[]> {
    const { topK, collectionIds, documentIds, filter, include = [] } = query;
    if (collectionIds.length === 0 || documentIds?.length === 0 || topK < 1) return [];
    const counts = documentIds === undefined ? await this.countReadable(index, collectionIds) : undefined;
    const useGraph = counts ? isGraphWorth(topK, counts) : null;
    const parameters: unknown[] = [
      encode(vector),
      topK,
      collectionIds,
      documentIds ?? null,
      useGraph,
      filter?.jsonPath ?? null,
    ];
    const nearest = `select chunk_id, document_id, version_id, distance, false as included
       from ${searchFunction(index)}($1::vector, $2::integer, $3::uuid[], $4::uuid[], $5::boolean, $6::jsonpath)`;
    if (include.length > 0) parameters.push(include);
    const rows = await this.dataSource.query<(HitRow & { included: boolean })[]>(
      include.length > 0
        ? `${nearest} union all select d.*, true from (${distancesOf(index, '$7')}) d`
        : nearest,
      parameters,
    );
    const found = new Map(rows.filter((row) => !row.included).map((row) => [row.chunk_id, toHit(row)]));
    const sorted = [...found.values()].sort(
      (a, b) => a.distance - b.distance || (a.chunkId < b.chunkId ? -1 : 1),
    );
    return [...sorted.slice(0, topK), ...rows.filter((row) => row.included).map(toHit)];
  }

  private countReadable(index: VectorIndex, collectionIds: readonly string[]): Promise<GraphCounts> {
    const scope = `${index.id} ${collectionIds.toSorted().join(' ')}`;
    return this.counts.get(scope, async () => {
      const rows = await this.dataSource.query<GraphCounts[]>(countReadable(index), [collectionIds]);
      return rows[0] ?? { readable: 0, total: 0, graph: false };
    });
  }

  queryTwice(
    index: VectorIndex,
    vector: Float32Array,
    feedback: Feedback,
    query: VectorQuery,
  ): Promise<VectorHit[]> {
    return lookTwice(this, index, vector, feedback, query);
  }

  async scores(index: VectorIndex, vector: Float32Array, chunkIds: readonly string[]): Promise<VectorHit[]> {
    if (chunkIds.length === 0) return [];
    const rows = await this.dataSource.query<HitRow[]>(distancesOf(index, '$2'), [encode(vector), chunkIds]);
    return rows.map(toHit);
  }

  async vectors(index: VectorIndex, chunkIds: readonly string[]): Promise<Map<string, Float32Array>> {
    if (chunkIds.length === 0) return new Map();
    const rows = await this.dataSource.query<{ chunk_id: string; vector: string }[]>(vectorsOf(index), [
      chunkIds,
    ]);
    return new Map(rows.map((row) => [row.chunk_id, Float32Array.from(JSON.parse(row.vector) as number[])]));
  }

  async deleteVersions(index: VectorIndex, versionIds: readonly string[]): Promise<void> {
    if (versionIds.length === 0) return;
    try {
      await this.dataSource.query(`delete from ${tableName(index)} where version_id = any($1::uuid[])`, [
        versionIds,
      ]);
    } catch (error) {
      // An index that is registered but not made yet holds nothing.
      if (!(error instanceof QueryFailedError && error.driverError?.code === UNDEFINED_TABLE)) throw error;
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async *storedVersions(index: VectorIndex): AsyncIterable<VersionCount> {
    for (let after = NIL_UUID; ;) {
      const rows = await this.dataSource.query<{ version_id: string; n: number }[]>(
        `select version_id, count(*)::int as n from ${tableName(index)} where version_id > $1
         group by version_id order by version_id limit ${LISTED}`,
        [after],
      );
      for (const { version_id, n } of rows) yield { versionId: version_id, vectors: n };
      const last = rows.at(-1);
      if (!last || rows.length < LISTED) return;
      after = last.version_id;
    }
  }

  async count(index: VectorIndex): Promise<number> {
    const rows = await this.dataSource.query<{ count: string }[]>(
      `select count(*) as count from ${tableName(index)}`,
    );
    return Number(rows[0]?.count);
  }

  async ping(): Promise<void> {
    try {
      await this.dataSource.query('select 1');
    } catch (cause) {
      throw new AppError(
        'vector_store_unavailable',
        'The database that holds the vectors is not reachable.',
        {
          cause,
        },
      );
    }
  }
}

async function write(
  on: Pick<DataSource, 'query'> | Transaction,
  index: VectorIndex,
  records: readonly VectorRecord[],
  rows: number,
): Promise<void> {
  // The last one wins, as in a store that takes them one by one.
  const unique = [...new Map(records.map((record) => [record.chunkId, record])).values()];
  for (let start = 0; start < unique.length; start += rows) {
    const batch = unique.slice(start, start + rows);
    const parameters = batch.flatMap((r) => [
      r.chunkId,
      r.versionId,
      r.documentId,
      r.collectionId,
      encode(r.vector),
    ]);
    await on.query(upsert(index, batch.length), parameters);
  }
}

const toHit = (row: HitRow): VectorHit => ({
  chunkId: row.chunk_id,
  documentId: row.document_id,
  versionId: row.version_id,
  distance: row.distance,
});

/** pgvector's binary form: two 16-bit words (dimensions, 0) and big-endian floats. */
function encode(vector: Float32Array): Buffer {
  const buffer = Buffer.allocUnsafe(4 + vector.length * 4);
  buffer.writeInt16BE(vector.length, 0);
  buffer.writeInt16BE(0, 2);
  vector.forEach((value, i) => buffer.writeFloatBE(value, 4 + i * 4));
  return buffer;
}
