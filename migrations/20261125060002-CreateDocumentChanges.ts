import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateDocumentChanges20261125060002 implements MigrationInterface {
  name = 'CreateDocumentChanges20261125060002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- What changed lately about documents, for whoever follows them. Rows are only ever added and, after a while,
      -- deleted, so writers of the same documents never wait for each other here. The order is that of transaction
      -- ids: whoever reads only what is older than every open transaction misses nothing.
      create table document_changes (
        xid xid8 not null default pg_current_xact_id(),
        sequence bigint generated always as identity,
        document_id uuid not null,
        collection_id uuid not null,
        at timestamptz not null default now(),
        constraint document_changes_pkey primary key (xid, sequence)
      );

      create function note_document_changes() returns trigger language plpgsql as $$
      begin
        insert into document_changes (document_id, collection_id)
        select n.id, c.id
        from new_rows n join old_rows o on o.id = n.id
        cross join lateral (select n.collection_id as id union select o.collection_id) c
        where (n.status, n.active_version_id, n.latest_version_id, n.error_code, n.error_detail, n.metadata, n.deleted_at, n.collection_id)
          is distinct from
              (o.status, o.active_version_id, o.latest_version_id, o.error_code, o.error_detail, o.metadata, o.deleted_at, o.collection_id);
        return null;
      end $$;
      create trigger documents_note_changes after update on documents
        referencing old table as old_rows new table as new_rows
        for each statement execute function note_document_changes();

      create function note_version_changes() returns trigger language plpgsql as $$
      begin
        insert into document_changes (document_id, collection_id)
        select d.id, d.collection_id
        from new_rows n join old_rows o on o.id = n.id join documents d on d.id = n.document_id
        where n.id in (d.latest_version_id, d.active_version_id)
          and (n.embedded_count, n.chunk_count, n.page_count, n.embedded_index_id, n.title)
            is distinct from (o.embedded_count, o.chunk_count, o.page_count, o.embedded_index_id, o.title);
        return null;
      end $$;
      create trigger document_versions_note_changes after update on document_versions
        referencing old table as old_rows new table as new_rows
        for each statement execute function note_version_changes();
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop trigger document_versions_note_changes on document_versions;
      drop trigger documents_note_changes on documents;
      drop function note_version_changes();
      drop function note_document_changes();
      drop table document_changes;
    `);
  }
}
