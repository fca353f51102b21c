import { ADVISORY_LOCKS } from '../../../database/advisory-locks.js';
import type { VectorIndex } from '../../vector.types.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** pgvector cannot build an HNSW index over more; such vectors are scanned exactly. */
const MAX_INDEXED_DIMENSIONS = 2000;

/** Bytes of a row next to its vector: headers and four uuids. */
const ROW_OVERHEAD = 108;

/** Width of a walk through the graph; a larger `k` widens it. */
const EF_SEARCH = 64;

/** The widest scan that can be worth while: `k` of 1,000 in an index of a million vectors. */
const MOST_COUNTED = 100_000;

/** A tuple met in the graph costs about this many tuples of a plain scan. */
const GRAPH_TUPLE_COST = 6;

export function tableName(index: VectorIndex): string {
  if (!UUID.test(index.id)) throw new Error(`not an index id: ${index.id}`);
  return `vectors_${index.id.replaceAll('-', '')}`;
}

export const searchFunction = (index: VectorIndex): string => `${tableName(index)}_search`;

export function createTable(index: VectorIndex): string[] {
  const table = tableName(index);
  return [
    `create table if not exists ${table} (
      chunk_id uuid constraint ${table}_pkey primary key,
      version_id uuid not null,
      document_id uuid not null,
      collection_id uuid not null,
      embedding vector(${index.dimensions}) not null,
      sequence bigint not null default nextval('index_sequence')
    )`,
    `alter table ${table} add column if not exists sequence bigint not null default nextval('index_sequence')`,
    `create index if not exists ${table}_sequence_idx on ${table} (sequence)`,
    `create index if not exists ${table}_collection_idx on ${table} (collection_id)`,
    `create index if not exists ${table}_version_idx on ${table} (version_id)`,
    `create index if not exists ${table}_document_idx on ${table} (document_id)`,
  ];
}

const graphName = (index: VectorIndex): string => `${tableName(index)}_hnsw_idx`;

/** Undefined where pgvector cannot build one. Concurrently: readers and writers go on, and it may take minutes. */
export const createGraph = (index: VectorIndex): string | undefined =>
  index.dimensions > MAX_INDEXED_DIMENSIONS
    ? undefined
    : `create index concurrently if not exists ${graphName(index)} on ${tableName(index)} using hnsw (embedding vector_cosine_ops)`;

/** One that was given up half-way counts for nothing and keeps another from being built. */
export const dropBrokenGraph = (index: VectorIndex): string => `
  do $$ begin
    if exists (select from pg_index where indexrelid = to_regclass('${graphName(index)}') and not indisvalid) then
      drop index ${graphName(index)};
    end if;
  end $$`;

const hasGraph = (index: VectorIndex): string =>
  `exists (select from pg_index where indexrelid = to_regclass('${graphName(index)}') and indisvalid)`;

/**
 * The search as a function in the database: one round trip whatever it decides, and its settings hold for
 * the call alone, also where connections share a session (the embedded database) or a pooler sits between. Those of
 * the graph hold for its transaction instead: as part of the function only a superuser may name them while the
 * extension is not loaded, as at a restore.
 *
 * What the graph found may come again from the scan that fills it up, so the caller sorts and takes out what is
 * there twice. `use_graph` is what the caller decided on counts it took lately; null has them taken here.
 *
 * With n readable vectors of N, an exact scan costs n and the graph about `k * N / n` of its dearer tuples:
 * whoever may read little is served by a scan, which is exact, everyone else by the graph. What the graph
 * leaves short, a scan fills up, so a full top-k never depends on the selectivity. Sorting, sequential and
 * bitmap scans are discouraged because without statistics the planner takes them where they read everything.
 */
export function createSearch(index: VectorIndex): string {
  const table = tableName(index);
  const indexed = index.dimensions <= MAX_INDEXED_DIMENSIONS;
  const rowBytes = index.dimensions * 4 + ROW_OVERHEAD;
  // LIMIT keeps the planner from turning this into a join of its own choice: without statistics (nothing
  // analyses the embedded database) it walks all documents, and it would ignore the order of the graph.
  const visible = `cross join lateral (
        select 1 from documents d
        where d.id = s.document_id and d.active_version_id = s.version_id and d.deleted_at is null
          and d.collection_id = any(collections)
          and (wanted is null or d.metadata @@ wanted) limit 1) live`;
  // Adding 0 hides the operator from the graph's index, which would answer approximately.
  const exact = (source: string): string => `
      select s.chunk_id, s.document_id, s.version_id, s.distance
      from (
        select v.chunk_id, v.document_id, v.version_id, 0 + (v.embedding <=> probe) as distance
        from ${source} order by 4, 1 offset 0) s ${visible}
      order by s.distance, s.chunk_id limit k`;
  const inCollections = `${table} v where v.collection_id = any(collections)`;
  // Goes from document to document: the other index would walk whole collections for a few of them.
  const inDocuments = `(select distinct unnest(only_documents) as id) o cross join lateral (
        select * from ${table} t where t.document_id = o.id and t.collection_id = any(collections) offset 0) v`;
  const counted = (source: string): string =>
    `select count(*) into readable from (select from ${source} limit worth_scanning + 1) r;`;
  const graph = `
    if use_graph is null then
      worth_scanning := k + least(1e6, sqrt(${GRAPH_TUPLE_COST} * k * pg_relation_size('${table}')::float8 / ${rowBytes}))::integer;
      if only_documents is null then ${counted(inCollections)}
      else ${counted(inDocuments)} end if;
      use_graph := readable > worth_scanning and ${hasGraph(index)};
    end if;
    if use_graph then
      perform set_config('hnsw.ef_search', greatest(${EF_SEARCH}, least(1000, k))::text, true),
        set_config('hnsw.iterative_scan', 'strict_order', true),
        set_config('hnsw.max_scan_tuples', '100000', true);
      return query
        select s.chunk_id, s.document_id, s.version_id, s.embedding <=> probe as distance
        from ${table} s ${visible}
        where s.collection_id = any(collections)
          and (only_documents is null or s.document_id = any(only_documents))
        order by s.embedding <=> probe limit k;
      get diagnostics found = row_count;
      if found >= k then return; end if;
    end if;`;
  return `
    create or replace function ${searchFunction(index)}(
      probe vector, k integer, collections uuid[], only_documents uuid[], use_graph boolean, wanted jsonpath)
    returns table (chunk_id uuid, document_id uuid, version_id uuid, distance double precision)
    language plpgsql stable
    set enable_sort = off
    set enable_seqscan = off
    set enable_bitmapscan = off
    set plan_cache_mode = force_generic_plan
    as $search$
    #variable_conflict use_column
    declare
      worth_scanning integer;
      readable integer;
      found integer;
    begin
      ${indexed ? graph : ''}
      if only_documents is null then return query ${exact(inCollections)};
      else return query ${exact(inDocuments)}; end if;
    end $search$`;
}

/** The function as it was before it knew metadata: with it, the name alone would mean two. */
export const dropFormerSearch = (index: VectorIndex): string =>
  `drop function if exists ${searchFunction(index)}(vector, integer, uuid[], uuid[], boolean)`;

export interface GraphCounts {
  readable: number;
  total: number;
  graph: boolean;
}

/** Readable vectors and vectors in all, the first counted no further than any query cares, and whether there is a graph. */
export const countReadable = (index: VectorIndex): string =>
  `select (select count(*) from (select from ${tableName(index)} v
                                 where v.collection_id = any($1::uuid[]) limit ${MOST_COUNTED}) r)::int as readable,
          pg_relation_size('${tableName(index)}')::float8 / ${index.dimensions * 4 + ROW_OVERHEAD} as total,
          ${hasGraph(index)} as graph`;

/** Whether the graph is the cheaper way to the best `k`, by the costs that `createSearch` explains. */
export const isGraphWorth = (k: number, { readable, total, graph }: GraphCounts): boolean =>
  graph && readable > k + Math.sqrt(GRAPH_TUPLE_COST * k * total);

/** Distances from the vector $1 of the chunks that a parameter lists. */
export const distancesOf = (index: VectorIndex, chunkIds: string): string =>
  `select chunk_id, document_id, version_id, embedding <=> $1::vector as distance
   from ${tableName(index)} where chunk_id = any(${chunkIds}::uuid[])`;

/** Vectors, as JSON, of the chunks that $1 lists. */
export const vectorsOf = (index: VectorIndex): string =>
  `select chunk_id, embedding::text as vector from ${tableName(index)} where chunk_id = any($1::uuid[])`;

export const upsert = (index: VectorIndex, rows: number): string => {
  const values = Array.from({ length: rows }, (_, row) => {
    const [a, b, c, d, e] = [1, 2, 3, 4, 5].map((column) => `$${row * 5 + column}`);
    return `(${a}::uuid, ${b}::uuid, ${c}::uuid, ${d}::uuid, ${e}::vector)`;
  });
  return `with locked as materialized (select pg_advisory_xact_lock(${ADVISORY_LOCKS.vectorLog}))
    insert into ${tableName(index)} (chunk_id, version_id, document_id, collection_id, embedding, sequence)
    select v.*, nextval('index_sequence') from locked cross join (values ${values.join(', ')}) v
    on conflict (chunk_id) do update set version_id = excluded.version_id,
      document_id = excluded.document_id, collection_id = excluded.collection_id,
      embedding = excluded.embedding, sequence = excluded.sequence`;
};

/** Rows after a number, null where their version is not active: ids and vector as one text of base64, for the driver reads binary values as twice their size. */
export const rowsAfter = (index: VectorIndex): string =>
  `select sequence, case when exists (
       select from documents d where d.id = v.document_id and d.active_version_id = v.version_id and d.deleted_at is null
     ) then encode(uuid_send(chunk_id) || uuid_send(version_id) || uuid_send(document_id)
       || uuid_send(v.collection_id) || vector_send(embedding), 'base64') end as row
   from ${tableName(index)} v where sequence > $1 order by sequence limit $2`;
