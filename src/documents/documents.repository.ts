import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { MetadataFilter } from '../common/filter/metadata-filter.js';
import { matchingDocuments } from '../database/matching-documents.js';
import { isWholeIn } from '../database/whole-versions.js';
import type {
  ChunkRow,
  DocumentName,
  DocumentRow,
  NamedDocument,
  PassageRow,
  PassageScope,
  VersionSource,
} from './documents.types.js';

/** `v` is the version whose record is shown: the latest one, even while the one before still answers. */
export const DOCUMENT_COLUMNS = `
  d.id, d.external_id, d.collection_id, d.parent_id, v.title, v.file_name, v.mime, v.byte_size, v.sha256, d.metadata, v.language,
  d.status, d.error_code, d.error_detail, v.chunk_count, v.embedded_count, v.page_count, v.pages_read, d.created_at, d.updated_at,
  case when d.active_version_id is null then 'none'
       when exists (select from vector_indexes x where x.state = 'active' and ${isWholeIn('a', 'x.id')}) then 'full'
       else 'lexical' end as indexed,
  (select r.detail from refused_versions r join vector_indexes x on x.id = r.index_id and x.state = 'active'
   where r.version_id = d.active_version_id) as refusal`;
const DOCUMENT_TABLES = `
  documents d
  join document_versions v on v.id = d.latest_version_id
  left join document_versions a on a.id = d.active_version_id`;

/** A document where it is looked for. */
export interface PlacedDocument {
  collectionId: string;
  id: string;
}

/** Reads. Every query carries the collections that the caller may read. */
@Injectable()
export class DocumentsRepository {
  constructor(private readonly source: DataSource) {}

  async find(id: string, collectionIds: readonly string[]): Promise<DocumentRow | undefined> {
    const rows = await this.source.query<DocumentRow[]>(
      `select ${DOCUMENT_COLUMNS} from ${DOCUMENT_TABLES}
       where d.id = $1 and d.collection_id = any($2::uuid[]) and d.deleted_at is null`,
      [id, collectionIds],
    );
    return rows[0];
  }

  findMany(ids: readonly string[], collectionIds: readonly string[]): Promise<DocumentRow[]> {
    return this.source.query<DocumentRow[]>(
      `select ${DOCUMENT_COLUMNS} from ${DOCUMENT_TABLES}
       where d.id = any(array(select unnest($1::uuid[]))) and d.collection_id = any($2::uuid[]) and d.deleted_at is null`,
      [ids, collectionIds],
    );
  }

  /** Those of these documents that are in the collection that is named with them. */
  findPlaced(wanted: readonly PlacedDocument[]): Promise<DocumentRow[]> {
    return this.source.query<DocumentRow[]>(
      `select ${DOCUMENT_COLUMNS}
       from unnest($1::uuid[], $2::uuid[]) as t (id, collection_id) cross join lateral (
         select * from documents where id = t.id and collection_id = t.collection_id and deleted_at is null) d
       join document_versions v on v.id = d.latest_version_id
       left join document_versions a on a.id = d.active_version_id`,
      [wanted.map(({ id }) => id), wanted.map(({ collectionId }) => collectionId)],
    );
  }

  names(ids: readonly string[], collectionIds: readonly string[]): Promise<DocumentName[]> {
    return this.source.query<DocumentName[]>(
      `select d.id as document_id, d.external_id as doc_id, v.title
       from documents d join document_versions v on v.id = d.latest_version_id
       where d.id = any($1::uuid[]) and d.collection_id = any($2::uuid[]) and d.deleted_at is null`,
      [ids, collectionIds],
    );
  }

  async missing(
    collectionIds: readonly string[],
    ids: readonly string[],
    externalIds: readonly string[],
  ): Promise<number> {
    const rows = await this.source.query<{ missing: number }[]>(
      `select (select count(*) from unnest($2::uuid[]) as t (id) where not exists (
                 select from documents d where d.id = t.id and d.collection_id = any($1::uuid[])
                   and d.deleted_at is null and d.active_version_id is not null))::int
            + (select count(*) from unnest($3::text[]) as t (id) where not exists (
                 select from documents d where d.external_id = t.id and d.collection_id = any($1::uuid[])
                   and d.deleted_at is null and d.active_version_id is not null))::int as missing`,
      [collectionIds, ids, externalIds],
    );
    return rows[0]?.missing ?? 0;
  }

  /** Documents of these names in these collections. */
  named(externalIds: readonly string[], collectionIds: readonly string[]): Promise<NamedDocument[]> {
    return this.source.query<NamedDocument[]>(
      `select id, external_id from documents
       where external_id = any($1::text[]) and collection_id = any($2::uuid[]) and deleted_at is null`,
      [externalIds, collectionIds],
    );
  }

  /** Documents that are still being worked on, at most a thousand. */
  unfinished(collectionIds: readonly string[]): Promise<{ id: string; collection_id: string }[]> {
    return this.source.query(
      `select id, collection_id from documents
       where status not in ('ready', 'failed') and deleted_at is null and collection_id = any($1::uuid[])
       order by updated_at limit 1000`,
      [collectionIds],
    );
  }

  chunks(id: string, collectionIds: readonly string[], after: number, limit: number): Promise<ChunkRow[]> {
    return this.source.query<ChunkRow[]>(
      `select c.id, c.ordinal, c.text, c.char_start, c.char_end, c.page, c.heading_path, c.token_count
       from documents d join chunks c on c.version_id = d.active_version_id
       where d.id = $1 and d.collection_id = any($2::uuid[]) and d.deleted_at is null and c.ordinal > $3
       order by c.ordinal limit $4`,
      [id, collectionIds, after, limit],
    );
  }

  async text(id: string, collectionIds: readonly string[]): Promise<string | null | undefined> {
    const rows = await this.source.query<{ text: string | null }[]>(
      `select v.text from documents d left join document_versions v on v.id = d.active_version_id
       where d.id = $1 and d.collection_id = any($2::uuid[]) and d.deleted_at is null`,
      [id, collectionIds],
    );
    return rows[0] === undefined ? undefined : rows[0].text;
  }

  /** The original of what answers; where nothing does (yet), of the latest version. */
  async content(
    id: string,
    collectionIds: readonly string[],
  ): Promise<
    | {
        file_key: string | null;
        file_name: string | null;
        external_id: string;
        mime: string;
        byte_size: string;
        text: string | null;
      }
    | undefined
  > {
    const rows = await this.source.query<
      {
        file_key: string | null;
        file_name: string | null;
        external_id: string;
        mime: string;
        byte_size: string;
        text: string | null;
      }[]
    >(
      `select v.file_key, v.file_name, d.external_id, v.mime, v.byte_size, case when v.file_key is null then v.text end as text
       from documents d join document_versions v on v.id = coalesce(d.active_version_id, d.latest_version_id)
       where d.id = $1 and d.collection_id = any($2::uuid[]) and d.deleted_at is null`,
      [id, collectionIds],
    );
    return rows[0];
  }

  /** Ids of documents among those readable that the filter chooses, in no particular order. */
  async matching(
    collectionIds: readonly string[],
    filter: MetadataFilter,
    documentIds: readonly string[] | undefined,
    limit: number,
  ): Promise<string[]> {
    return matchingDocuments(this.source, { collectionIds, documentIds }, filter.jsonPath, limit);
  }

  /** What is shown of these chunks, as far as they are current and the user may read them now; in no particular order. */
  passages(chunkIds: readonly string[], scope: PassageScope): Promise<PassageRow[]> {
    return this.source.query<PassageRow[]>(
      'select * from readable_passages($1::uuid[], $2::uuid[], $3::uuid, $4::boolean)',
      [chunkIds, scope.collectionIds, scope.userId, scope.adminAccess],
    );
  }

  /** What is known of versions as a whole. */
  async versions(ids: readonly string[]): Promise<Map<string, VersionSource>> {
    const rows = await this.source.query<({ id: string } & VersionSource)[]>(
      `select id, language, file_name as "fileName", page_starts as "pageStarts" from document_versions
       where id = any($1::uuid[])`,
      [ids],
    );
    return new Map(rows.map(({ id, ...source }) => [id, source]));
  }

  /** Pieces of stored texts by UTF-16 offsets; empty where there is no such version. */
  async textSlices(spans: readonly { versionId: string; start: number; end: number }[]): Promise<string[]> {
    // PostgreSQL counts characters where citations count UTF-16 units, two for some characters. Of a text that has or may
    // have some, a piece is fetched that begins early enough by as many as there can be before it, and is cut here.
    const rows = await this.source.query<{ at: number; piece: string | null }[]>(
      `select begun.at + case when v.wide is false then 0 else regexp_count(left(v.text, begun.at), $4) end as at,
              substr(v.text, begun.at + 1, span.finish - begun.at) as piece
       from unnest($1::uuid[], $2::int[], $3::int[]) with ordinality as span (version_id, start, finish, place)
       left join document_versions v on v.id = span.version_id
       cross join lateral (
         select case when v.wide is false then span.start
                     else greatest(0, span.start - regexp_count(left(v.text, span.start), $4)) end as at) begun
       order by span.place`,
      [
        spans.map((span) => span.versionId),
        spans.map((span) => span.start),
        spans.map((span) => span.end),
        '[\\U00010000-\\U0010FFFF]',
      ],
    );
    return rows.map(({ at, piece }, i) => {
      const { start = 0, end = 0 } = spans[i] ?? {};
      return (piece ?? '').slice(start - at, end - at);
    });
  }

  async counts(): Promise<{
    documents: number;
    chunks: number;
    failed: number;
    pending: number;
    bytes: string;
  }> {
    const [row] = await this.source.query<
      { documents: number; chunks: number; failed: number; pending: number; bytes: string }[]
    >(
      `select count(*)::int as documents, coalesce(sum(v.chunk_count), 0)::int as chunks,
              count(*) filter (where d.status = 'failed')::int as failed,
              count(*) filter (where d.status in ('queued', 'extracting', 'embedding'))::int as pending,
              coalesce(sum(v.byte_size), 0)::text as bytes
       from documents d left join document_versions v on v.id = d.latest_version_id where d.deleted_at is null`,
    );
    return row ?? { documents: 0, chunks: 0, failed: 0, pending: 0, bytes: '0' };
  }

  /** How many there are, without a look at their versions. */
  async states(): Promise<{ all: number; failed: number; pending: number }> {
    const [row] = await this.source.query<{ all: number; failed: number; pending: number }[]>(
      `select count(*)::int as all, count(*) filter (where status = 'failed')::int as failed,
              count(*) filter (where status in ('queued', 'extracting', 'embedding'))::int as pending
       from documents where deleted_at is null`,
    );
    return row ?? { all: 0, failed: 0, pending: 0 };
  }
}
