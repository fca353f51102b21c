import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Letters that no accent makes of another one, with what they are looked for as. */
const ALIKE: Readonly<Record<string, string>> = { ø: 'o', đ: 'd', ħ: 'h', ł: 'l', ŧ: 't', ı: 'i', ς: 'σ' };
const SPELLED_OUT: readonly (readonly [string, string])[] = [
  ['[ßẞ]', 'ss'],
  ['[Ææ]', 'ae'],
  ['[Œœ]', 'oe'],
  ['[Þþ]', 'th'],
];

/** Every letter up to the Armenian ones that has another case or is like another one, and what becomes of it. */
function lowerCase(): { from: string; to: string } {
  let from = '';
  let to = '';
  for (let code = 0x80; code < 0x590; code++) {
    const letter = String.fromCharCode(code);
    const lower = letter.toLowerCase();
    const plain = ALIKE[lower] ?? lower;
    if (plain === letter || plain.length !== 1 || plain.normalize('NFKD') !== plain) continue;
    from += letter;
    to += plain;
  }
  return { from, to };
}

/** By this an extension that was there before is told from the one that was added here. */
const OURS = 'added to search names of documents';

/** What lists of documents are searched and ordered by. */
export class ListDocuments20261127120000 implements MigrationInterface {
  name = 'ListDocuments20261127120000';

  async up(runner: QueryRunner): Promise<void> {
    const { from, to } = lowerCase();
    const spelledOut = SPELLED_OUT.reduce(
      (inner, [letters, plain]) => `regexp_replace(${inner}, '${letters}', '${plain}', 'g')`,
      `normalize(name, nfkd)`,
    );
    await runner.query(`
      lock table documents, document_versions in access exclusive mode;

      -- As a name is looked for: without case, accents and forms of letters. The same whatever the locale of the
      -- database is.
      create function folded_name(name text) returns text language sql immutable strict parallel safe as $$
        select case when octet_length(name) = length(name) then lower(name collate "C")
          else normalize(lower(translate(
            regexp_replace(${spelledOut}, '[\\u0300-\\u036f]', '', 'g'), '${from}', '${to}') collate "C"), nfc) end
      $$;

      create table document_listing (
        document_id uuid constraint document_listing_pkey primary key
          constraint document_listing_document_fkey references documents (id) on delete cascade,
        collection_id uuid not null,
        -- Title and file name, or the doc_id of what has neither.
        names text collate "C" not null,
        -- The beginning of what it is shown as.
        title_key text collate "C" not null,
        byte_size bigint not null
      );

      create function list_documents(ids uuid[]) returns void language plpgsql as $$
      begin
        delete from document_listing l using documents d
        where l.document_id = any(ids) and d.id = l.document_id and d.deleted_at is not null;
        insert into document_listing as l (document_id, collection_id, names, title_key, byte_size)
        select d.id, d.collection_id,
               left(folded_name(coalesce(nullif(concat_ws(E'\\n', v.title, nullif(v.file_name, v.title)), ''), d.external_id)), 600),
               left(folded_name(coalesce(v.title, v.file_name, d.external_id)), 200), v.byte_size
        from documents d join document_versions v on v.id = d.latest_version_id
        where d.id = any(ids) and d.deleted_at is null order by d.id
        on conflict (document_id) do update
        set collection_id = excluded.collection_id, names = excluded.names, title_key = excluded.title_key,
            byte_size = excluded.byte_size
        where (l.collection_id, l.names, l.title_key, l.byte_size)
          is distinct from (excluded.collection_id, excluded.names, excluded.title_key, excluded.byte_size);
      end $$;

      select list_documents(array(select id from documents where deleted_at is null));
      create index document_listing_title_idx on document_listing (collection_id, title_key, document_id);
      create index document_listing_size_idx on document_listing (collection_id, byte_size, document_id);
      -- Any part of a name, found through its trigrams. Where the extension is not to be had, names are gone through.
      do $$
      begin
        if not exists (select from pg_extension where extname = 'pg_trgm') then
          create extension pg_trgm;
          comment on extension pg_trgm is '${OURS}';
        end if;
      exception when insufficient_privilege or undefined_file or feature_not_supported then null;
      end $$;
      do $$
      declare
        home text := (select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace
                      where e.extname = 'pg_trgm');
      begin
        if home is not null then
          execute format('create index document_listing_names_idx on document_listing using gin (names %I.gin_trgm_ops)', home);
        end if;
      end $$;

      create function list_new_documents() returns trigger language plpgsql as $$
      begin
        perform list_documents(array(select n.id from new_rows n where n.latest_version_id is not null));
        return null;
      end $$;
      create trigger documents_list_new after insert on documents
        referencing new table as new_rows for each statement execute function list_new_documents();

      create function list_changed_documents() returns trigger language plpgsql as $$
      declare
        changed uuid[] := array(
          select n.id from new_rows n join old_rows o on o.id = n.id
          where (n.latest_version_id, n.external_id, n.collection_id, n.deleted_at)
            is distinct from (o.latest_version_id, o.external_id, o.collection_id, o.deleted_at));
      begin
        if changed <> '{}' then perform list_documents(changed); end if;
        return null;
      end $$;
      create trigger documents_list_changed after update on documents
        referencing old table as old_rows new table as new_rows
        for each statement execute function list_changed_documents();

      create function list_changed_versions() returns trigger language plpgsql as $$
      declare
        changed uuid[] := array(
          select d.id from new_rows n join old_rows o on o.id = n.id join documents d on d.latest_version_id = n.id
          where (n.title, n.file_name, n.byte_size) is distinct from (o.title, o.file_name, o.byte_size));
      begin
        if changed <> '{}' then perform list_documents(changed); end if;
        return null;
      end $$;
      create trigger document_versions_list_changed after update on document_versions
        referencing old table as old_rows new table as new_rows
        for each statement execute function list_changed_versions();

      -- A cursor holds milliseconds, so the column must hold no more.
      alter table documents alter column updated_at type timestamptz(3) using date_trunc('milliseconds', updated_at);
      create index documents_updated_idx on documents (collection_id, updated_at, id) where deleted_at is null;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      lock table documents, document_versions in access exclusive mode;
      drop index documents_updated_idx;
      alter table documents alter column updated_at type timestamptz;
      drop trigger document_versions_list_changed on document_versions;
      drop trigger documents_list_changed on documents;
      drop trigger documents_list_new on documents;
      drop function list_changed_versions(), list_changed_documents(), list_new_documents();
      drop table document_listing;
      do $$
      begin
        if exists (select from pg_extension where extname = 'pg_trgm' and obj_description(oid, 'pg_extension') = '${OURS}') then
          drop extension pg_trgm;
        end if;
      exception when dependent_objects_still_exist then null;
      end $$;
      drop function list_documents(uuid[]);
      drop function folded_name(text);
    `);
  }
}
