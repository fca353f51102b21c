import type { MigrationInterface, QueryRunner } from 'typeorm';

const noteVersionChanges = (columns: (row: string) => string): string => `
  create or replace function note_version_changes() returns trigger language plpgsql as $$
  begin
    insert into document_changes (document_id, collection_id)
    select d.id, d.collection_id
    from new_rows n join old_rows o on o.id = n.id join documents d on d.id = n.document_id
    where n.id in (d.latest_version_id, d.active_version_id)
      and (${columns('n')}) is distinct from (${columns('o')});
    return null;
  end $$;
`;
const BEFORE = ['embedded_count', 'chunk_count', 'page_count', 'embedded_index_id', 'title'];
const NOW = [...BEFORE, 'pages_read'];
const of =
  (columns: string[]) =>
  (row: string): string =>
    columns.map((column) => `${row}.${column}`).join(', ');

export class CountPagesRead20261125150000 implements MigrationInterface {
  name = 'CountPagesRead20261125150000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Pages that were read so far, of page_count, while a file is being read.
      alter table document_versions add column pages_read integer not null default 0;
      ${noteVersionChanges(of(NOW))}
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ${noteVersionChanges(of(BEFORE))}
      alter table document_versions drop column pages_read;
    `);
  }
}
