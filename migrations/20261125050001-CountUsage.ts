import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CountUsage20261125050001 implements MigrationInterface {
  name = 'CountUsage20261125050001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- What a user keeps: the documents not deleted, with the size of their latest version. Kept by a trigger, so
      -- that it holds whoever writes; the row is locked until the writer commits, so that limits hold in a race.
      create table user_usage (
        user_id uuid constraint user_usage_pkey primary key
          constraint user_usage_user_fkey references users (id) on delete cascade,
        documents bigint not null default 0,
        bytes bigint not null default 0,
        -- Files that were accepted and not read yet.
        waiting bigint not null default 0
      );

      create function count_usage() returns trigger language plpgsql as $$
      declare
        changed record;
      begin
        for changed in
          select c.user_id, sum(c.documents) as documents, sum(c.bytes) as bytes, sum(c.waiting) as waiting from (
            select o.created_by as user_id, -1 as documents, -coalesce(v.byte_size, 0) as bytes,
                   -(v.id is not null and o.status in ('queued', 'extracting'))::int as waiting
            from old_rows o left join document_versions v on v.id = o.latest_version_id where o.deleted_at is null
            union all
            select n.created_by, 1, coalesce(v.byte_size, 0),
                   (v.id is not null and n.status in ('queued', 'extracting'))::int
            from new_rows n left join document_versions v on v.id = n.latest_version_id where n.deleted_at is null
          ) c
          where c.user_id is not null group by c.user_id
          having sum(c.documents) <> 0 or sum(c.bytes) <> 0 or sum(c.waiting) <> 0
          order by c.user_id
        loop
          update user_usage u
          set documents = u.documents + changed.documents, bytes = u.bytes + changed.bytes,
              waiting = u.waiting + changed.waiting
          where u.user_id = changed.user_id;
          -- A user who is being deleted has no row any more, and gives back what nobody counts.
          if not found and changed.documents > 0 then
            insert into user_usage as u (user_id, documents, bytes, waiting)
            values (changed.user_id, changed.documents, changed.bytes, changed.waiting)
            on conflict (user_id) do update
            set documents = u.documents + excluded.documents, bytes = u.bytes + excluded.bytes,
                waiting = u.waiting + excluded.waiting;
          end if;
        end loop;
        return null;
      end $$;

      create function count_usage_of_new() returns trigger language plpgsql as $$
      begin
        -- Rows come into being without a version; what matters is that they are there.
        insert into user_usage as u (user_id, documents)
        select n.created_by, count(*) from new_rows n
        where n.created_by is not null and n.deleted_at is null group by n.created_by order by n.created_by
        on conflict (user_id) do update set documents = u.documents + excluded.documents;
        return null;
      end $$;

      create trigger documents_usage_insert after insert on documents
        referencing new table as new_rows for each statement execute function count_usage_of_new();
      create trigger documents_usage_update after update on documents
        referencing old table as old_rows new table as new_rows for each statement execute function count_usage();

      insert into user_usage (user_id, documents, bytes, waiting)
      select d.created_by, count(*), coalesce(sum(v.byte_size), 0),
             count(*) filter (where v.id is not null and d.status in ('queued', 'extracting'))
      from documents d left join document_versions v on v.id = d.latest_version_id
      where d.deleted_at is null and d.created_by is not null group by d.created_by;

      -- The same content again is recognised by its hash.
      create index document_versions_sha256_idx on document_versions (sha256);
      create index documents_created_by_idx on documents (created_by);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop index documents_created_by_idx, document_versions_sha256_idx;
      drop trigger documents_usage_update on documents;
      drop trigger documents_usage_insert on documents;
      drop function count_usage_of_new();
      drop function count_usage();
      drop table user_usage;
    `);
  }
}
