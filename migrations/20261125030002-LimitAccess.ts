import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The predicate of every query learns of API keys that are limited to collections, and of the administrator's way in. */
export class LimitAccess20261125030002 implements MigrationInterface {
  name = 'LimitAccess20261125030002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop function readable_passages(uuid[], uuid[], uuid);
      drop function accessible_collections(uuid);

      -- The one place that decides what a user may do with which collection: own ones, and those granted to the
      -- user or to a role held now. Levels: 1 read, 2 write, 3 manage. "only" is what the credential is limited to,
      -- null for no limit; "everything" is an administrator's stated and recorded way past permission.
      create function accessible_collections(caller uuid, only_these uuid[], everything boolean)
      returns table (collection_id uuid, level integer)
      language sql stable as $$
        select granted.collection_id, max(granted.level) as level from (
          select c.id as collection_id, 3 as level from collections c where c.owner_id = caller and c.deleted_at is null
          union all
          select g.collection_id, case g.access when 'manage' then 3 when 'write' then 2 else 1 end
          from collection_grants g join collections c on c.id = g.collection_id and c.deleted_at is null
          where g.user_id = caller or g.role_id in (select ur.role_id from user_roles ur where ur.user_id = caller)
          union all
          select c.id, 3 from collections c where everything and c.deleted_at is null
        ) granted where only_these is null or granted.collection_id = any(only_these) group by granted.collection_id
      $$;
      ${readablePassages('reader uuid, everything boolean', 'reader, null, everything')}
      create index api_keys_live_idx on api_keys (user_id, created_at, id) where revoked_at is null;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop index api_keys_live_idx;
      drop function readable_passages(uuid[], uuid[], uuid, boolean);
      drop function accessible_collections(uuid, uuid[], boolean);
      create function accessible_collections(caller uuid) returns table (collection_id uuid, level integer)
      language sql stable as $$
        select granted.collection_id, max(granted.level) as level from (
          select c.id as collection_id, 3 as level from collections c where c.owner_id = caller and c.deleted_at is null
          union all
          select g.collection_id, case g.access when 'manage' then 3 when 'write' then 2 else 1 end
          from collection_grants g join collections c on c.id = g.collection_id and c.deleted_at is null
          where g.user_id = caller or g.role_id in (select ur.role_id from user_roles ur where ur.user_id = caller)
        ) granted group by granted.collection_id
      $$;
      ${readablePassages('reader uuid', 'reader')}
    `);
  }
}

/** What a key is limited to is already in "collections". */
const readablePassages = (reader: string, caller: string): string => `
  create function readable_passages(chunk_ids uuid[], collections uuid[], ${reader})
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
          and d.collection_id in (select a.collection_id from accessible_collections(${caller}) a) limit 1) d;
  end $$;`;
