import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateDocuments20261123000200 implements MigrationInterface {
  name = 'CreateDocuments20261123000200';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table documents (
        id uuid constraint documents_pkey primary key,
        collection_id uuid not null constraint documents_collection_fkey references collections (id),
        external_id varchar(512) not null,
        created_by uuid constraint documents_created_by_fkey references users (id) on delete set null,
        active_version_id uuid,
        latest_version_id uuid,
        status varchar(16) not null,
        error_code varchar(64),
        error_detail varchar(2000),
        metadata jsonb not null default '{}',
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        deleted_at timestamptz,
        constraint documents_status_known
          check (status in ('queued', 'extracting', 'embedding', 'ready', 'failed', 'deleting'))
      );
      -- A deleted document frees its doc_id at once, while its bytes and vectors are still being removed.
      create unique index documents_external_key on documents (collection_id, external_id) where deleted_at is null;
      create index documents_page_idx on documents (collection_id, created_at, id) where deleted_at is null;
      create index documents_status_idx on documents (status, updated_at) where status not in ('ready', 'failed');

      create table document_versions (
        id uuid constraint document_versions_pkey primary key,
        -- Null while a text is being staged: it belongs to nobody until the transaction that publishes it.
        document_id uuid constraint document_versions_document_fkey references documents (id) on delete cascade,
        title varchar(1000),
        file_name varchar(512),
        mime varchar(255) not null,
        byte_size bigint not null,
        sha256 bytea not null,
        -- Key in the file store; null when the text itself is the original.
        file_key varchar(255),
        metadata jsonb not null default '{}',
        text text,
        language varchar(8),
        page_count integer,
        chunk_count integer not null default 0,
        -- Vector index that holds every chunk of this version; null while some are missing.
        embedded_index_id uuid,
        -- Chunks of this version that have a vector so far.
        embedded_count integer not null default 0,
        created_at timestamptz not null default now(),
        published_at timestamptz
      );
      create index document_versions_document_idx on document_versions (document_id);
      alter table documents
        add constraint documents_active_version_fkey foreign key (active_version_id) references document_versions (id),
        add constraint documents_latest_version_fkey foreign key (latest_version_id) references document_versions (id);
      create index documents_active_version_idx on documents (active_version_id);
      create index documents_latest_version_idx on documents (latest_version_id);

      -- Published versions whose vectors are still to be made for the active index, oldest first.
      create table embedding_backlog (
        version_id uuid constraint embedding_backlog_pkey primary key
          constraint embedding_backlog_version_fkey references document_versions (id) on delete cascade,
        enqueued_at timestamptz not null default clock_timestamp(),
        claimed_until timestamptz
      );
      create index embedding_backlog_order_idx on embedding_backlog (enqueued_at, version_id);

      -- Versions that nobody can see any more and whose vectors, file and rows wait to be removed.
      create table removable_versions (
        version_id uuid constraint removable_versions_pkey primary key
          constraint removable_versions_version_fkey references document_versions (id) on delete cascade
      );

      create table chunks (
        id uuid constraint chunks_pkey primary key,
        version_id uuid not null constraint chunks_version_fkey references document_versions (id) on delete cascade,
        ordinal integer not null,
        text text not null,
        search_text text not null,
        -- UTF-16 code units into the version's text, end exclusive.
        char_start integer not null,
        char_end integer not null,
        page integer,
        heading_path text[] not null default '{}',
        token_count integer not null,
        constraint chunks_version_ordinal_key unique (version_id, ordinal),
        constraint chunks_span_ordered check (char_start >= 0 and char_end > char_start)
      );

      -- What is shown of passages: of current versions only, and only what the reader may read at this moment. From id
      -- to id, because a planner without fresh statistics would rather walk whole collections; as a function, because
      -- its plan is then made once for a connection and not for every query.
      create function readable_passages(chunk_ids uuid[], collections uuid[], reader uuid)
      returns table (chunk_id uuid, document_id uuid, external_id varchar, collection_id uuid, version_id uuid,
                     title varchar, metadata jsonb, text text, page integer, char_start integer, char_end integer,
                     heading_path text[])
      language plpgsql stable set plan_cache_mode = force_generic_plan as $$
      #variable_conflict use_column
      begin
        return query
          select c.id, d.id, d.external_id, d.collection_id, c.version_id, d.title, d.metadata,
                 c.text, c.page, c.char_start, c.char_end, c.heading_path
          from unnest(chunk_ids) as wanted (id)
          cross join lateral (select * from chunks where chunks.id = wanted.id limit 1) c
          cross join lateral (
            select d.id, d.external_id, d.collection_id, d.metadata, v.title
            from document_versions v join documents d on d.id = v.document_id
            where v.id = c.version_id and d.active_version_id = v.id and d.deleted_at is null
              and d.collection_id = any(collections)
              and d.collection_id in (select a.collection_id from accessible_collections(reader) a) limit 1) d;
      end $$;

      -- One order for everything an index follows: segments and retirements share it.
      create sequence index_sequence;

      -- Versions that no reader may see any more: replaced, or their document deleted.
      create table retired_versions (
        sequence bigint constraint retired_versions_pkey primary key,
        version_id uuid not null,
        retired_at timestamptz not null default now()
      );
      create index retired_versions_version_idx on retired_versions (version_id);

      -- Content of sequences first_sequence to last_sequence. A merge replaces the rows of its range by one
      -- with the number of the last: processes that have read them need not read them again.
      create table lexical_segments (
        sequence bigint constraint lexical_segments_pkey primary key,
        first_sequence bigint not null,
        last_sequence bigint not null,
        -- Zero for a barrier (one sequence) or for the end of everything before (a range).
        chunk_count integer not null,
        -- Retirements up to here are applied: what they name is not in bytes.
        retired_through bigint not null,
        bytes bytea not null,
        checksum bigint not null,
        created_at timestamptz not null default now(),
        constraint lexical_segments_range_ordered check (first_sequence <= last_sequence and last_sequence <= sequence)
      );
      alter table lexical_segments alter column bytes set storage external;

      create table vector_indexes (
        id uuid constraint vector_indexes_pkey primary key,
        model_id varchar(255) not null,
        dimensions integer not null,
        store varchar(16) not null,
        state varchar(16) not null,
        created_at timestamptz not null default now(),
        constraint vector_indexes_state_known check (state in ('building', 'active', 'retired')),
        constraint vector_indexes_model_key unique (model_id, store)
      );
      create unique index vector_indexes_active_key on vector_indexes (state) where state = 'active';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table documents drop constraint documents_active_version_fkey, drop constraint documents_latest_version_fkey;
      drop function readable_passages(uuid[], uuid[], uuid);
      drop table vector_indexes, lexical_segments, retired_versions, removable_versions, embedding_backlog, chunks, document_versions, documents;
      drop sequence index_sequence;
    `);
  }
}
