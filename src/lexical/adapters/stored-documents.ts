import type { DataSource } from 'typeorm';
import { NIL_UUID } from '../../common/nil-uuid.js';
import type { LexicalDocument } from '../lexical.types.js';

const VERSIONS_PER_PAGE = 2_000;
/** Fewer where passages are counted: nothing else is answered by the embedded database meanwhile. */
const COUNTED_PER_PAGE = 500;
const DOCUMENTS_PER_BATCH = 200;
const CHUNKS_PER_BATCH = 1_000;

/** Ids of all versions that can be found and have chunks, in pages. */
export async function* activeVersions(dataSource: DataSource): AsyncGenerator<string[]> {
  let after = NIL_UUID;
  for (;;) {
    const rows: { id: string }[] = await dataSource.query(
      `select active_version_id as id from documents
       where active_version_id > $1 and deleted_at is null
         and exists (select from chunks where version_id = active_version_id)
       order by active_version_id limit $2`,
      [after, VERSIONS_PER_PAGE],
    );
    if (rows.length === 0) return;
    yield rows.map(({ id }) => id);
    after = rows.at(-1)!.id;
  }
}

/** The same, each with the number of its chunks. */
export async function* countedVersions(
  dataSource: DataSource,
): AsyncGenerator<{ id: string; chunks: number }[]> {
  let after = NIL_UUID;
  for (;;) {
    const rows: { id: string; chunks: number }[] = await dataSource.query(
      `select active_version_id as id,
              (select count(*)::int from chunks where version_id = active_version_id) as chunks
       from documents where active_version_id > $1 and deleted_at is null
       order by active_version_id limit $2`,
      [after, COUNTED_PER_PAGE],
    );
    if (rows.length === 0) return;
    yield rows.filter(({ chunks }) => chunks > 0);
    after = rows.at(-1)!.id;
  }
}

/** Those of these versions that are shown now. */
export async function stillActive(dataSource: DataSource, versionIds: readonly string[]): Promise<string[]> {
  if (versionIds.length === 0) return [];
  const rows: { id: string }[] = await dataSource.query(
    `select active_version_id as id from documents
     where active_version_id = any($1::uuid[]) and deleted_at is null`,
    [versionIds],
  );
  return rows.map(({ id }) => id);
}

interface VersionRow {
  version_id: string;
  document_id: string;
  collection_id: string;
  title: string | null;
  file_name: string | null;
  language: string | null;
  chunks: number;
}

interface ChunkRow {
  id: string;
  version_id: string;
  ordinal: number;
  text: string;
  heading_path: string[];
}

/** Reads versions back as they were indexed, in batches of a bounded number of chunks. */
export async function* readDocuments(
  dataSource: DataSource,
  versionIds: readonly string[],
): AsyncGenerator<LexicalDocument[]> {
  for (let at = 0; at < versionIds.length; at += DOCUMENTS_PER_BATCH) {
    const versions: VersionRow[] = await dataSource.query(
      `select v.id as version_id, v.document_id, d.collection_id, case when v.title is distinct from v.file_name then v.title end as title, v.file_name, v.language,
              (select count(*)::int from chunks c where c.version_id = v.id) as chunks
       from document_versions v join documents d on d.id = v.document_id
       where v.id = any($1::uuid[]) order by v.id`,
      [versionIds.slice(at, at + DOCUMENTS_PER_BATCH)],
    );
    for (let from = 0; from < versions.length;) {
      let to = from;
      for (let chunks = 0; to < versions.length && (to === from || chunks < CHUNKS_PER_BATCH); to++)
        chunks += versions[to]!.chunks;
      yield await withChunks(dataSource, versions.slice(from, to));
      from = to;
    }
  }
}

async function withChunks(
  dataSource: DataSource,
  versions: readonly VersionRow[],
): Promise<LexicalDocument[]> {
  const documents = new Map(
    versions.map((row) => [
      row.version_id,
      {
        documentId: row.document_id,
        versionId: row.version_id,
        collectionId: row.collection_id,
        title: row.title,
        fileName: row.file_name,
        language: row.language ?? undefined,
        chunks: [] as { chunkId: string; text: string; headingPath: string[] }[],
      },
    ]),
  );
  let after = { version: NIL_UUID, ordinal: -1 };
  for (;;) {
    const rows: ChunkRow[] = await dataSource.query(
      `select id, version_id, ordinal, text, heading_path from chunks
       where version_id = any($1::uuid[]) and (version_id, ordinal) > ($2, $3)
       order by version_id, ordinal limit $4`,
      [[...documents.keys()], after.version, after.ordinal, CHUNKS_PER_BATCH],
    );
    for (const row of rows)
      documents
        .get(row.version_id)!
        .chunks.push({ chunkId: row.id, text: row.text, headingPath: row.heading_path });
    const last = rows.at(-1);
    if (last === undefined || rows.length < CHUNKS_PER_BATCH) return [...documents.values()];
    after = { version: last.version_id, ordinal: last.ordinal };
  }
}
