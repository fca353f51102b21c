import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The body is the same; only as PL/pgSQL is it planned once for a connection and not at every call. */
const lineUp = (language: 'sql' | 'plpgsql'): string => {
  const statement = `
        with sized as (
          select v.id, d.created_by as owner_id, greatest(1, v.chunk_count / 32) as weight
          from document_versions v join documents d on d.id = v.document_id
          where v.id = any(versions) and not exists (select 1 from embedding_backlog b where b.version_id = v.id)
        ), bases as (
          select o.owner_id, coalesce(
            (select b.turn + 1 from embedding_backlog b where b.owner_id = o.owner_id order by b.turn desc limit 1),
            (select b.turn from embedding_backlog b order by b.turn, b.enqueued_at, b.version_id limit 1), 0) as base
          from (select distinct owner_id from sized) o
        ), lined as (
          insert into embedding_backlog (version_id, owner_id, turn)
          select s.id, s.owner_id,
                 b.base + sum(s.weight) over (partition by s.owner_id order by s.id) - s.weight
          from sized s join bases b on b.owner_id is not distinct from s.owner_id
          on conflict do nothing returning 1
        )
        select count(*)::int`;
  const body =
    language === 'sql'
      ? `${statement} from lined`
      : `declare
        lined_up integer;
      begin
        ${statement} into lined_up from lined;
        return lined_up;
      end`;
  return `create or replace function line_up_for_encoder(versions uuid[]) returns integer language ${language} as $$ ${body} $$;`;
};

/**
 * A new text comes into being with the version that it shows: one row written where it was written and written again,
 * and one round trip where there were four. Whoever counts or follows documents looks at what is new, too.
 */
export class PublishAtOnce20261125220001 implements MigrationInterface {
  name = 'PublishAtOnce20261125220001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ${lineUp('plpgsql')}

      create or replace function count_usage_of_new() returns trigger language plpgsql as $$
      begin
        insert into user_usage as u (user_id, documents, bytes, waiting)
        select n.created_by, count(*), coalesce(sum(v.byte_size), 0),
               count(*) filter (where v.id is not null and n.status in ('queued', 'extracting'))
        from new_rows n left join document_versions v on v.id = n.latest_version_id
        where n.created_by is not null and n.deleted_at is null group by n.created_by order by n.created_by
        on conflict (user_id) do update
        set documents = u.documents + excluded.documents, bytes = u.bytes + excluded.bytes,
            waiting = u.waiting + excluded.waiting;
        return null;
      end $$;

      -- Rows without a version are noted when they get one.
      create function note_new_documents() returns trigger language plpgsql as $$
      begin
        insert into document_changes (document_id, collection_id)
        select n.id, n.collection_id from new_rows n where n.latest_version_id is not null;
        return null;
      end $$;
      create trigger documents_note_new after insert on documents
        referencing new table as new_rows for each statement execute function note_new_documents();

      create function line_up_webhooks_of_new() returns trigger language plpgsql as $$
      begin
        if not exists (select from webhook_endpoints) then return null; end if;
        insert into webhook_deliveries (id, endpoint_id, event, document_id)
        select gen_random_uuid(), e.id, 'document.' || n.status, n.id
        from new_rows n
        join webhook_endpoints e on e.enabled and 'document.' || n.status = any(e.events)
          and (e.collection_id is null or e.collection_id = n.collection_id)
        where n.latest_version_id is not null and n.deleted_at is null and n.status in ('ready', 'failed')
          and n.collection_id in (select a.collection_id from accessible_collections(e.owner_id, null, false) a);
        return null;
      end $$;
      create trigger documents_line_up_webhooks_of_new after insert on documents
        referencing new table as new_rows for each statement execute function line_up_webhooks_of_new();

      -- Documents show these versions from now on; what they showed before is to be removed.
      create function activate_versions(versions uuid[], new_status varchar) returns void language plpgsql as $$
      begin
        -- Not even asked to change a row, an update would fire what counts and follows documents.
        if exists (select from document_versions v join documents d on d.id = v.document_id
                   where v.id = any(versions) and d.active_version_id is distinct from v.id)
        then
          insert into removable_versions (version_id)
          select old.id from document_versions v join documents d on d.id = v.document_id,
                 lateral (values (d.active_version_id), (d.latest_version_id)) as old (id)
          where v.id = any(versions) and old.id is not null and old.id <> all(versions)
          on conflict do nothing;
          update documents d
          set active_version_id = v.id, latest_version_id = v.id, metadata = v.metadata, status = new_status,
              error_code = null, error_detail = null, updated_at = now()
          from document_versions v
          where v.id = any(versions) and d.id = v.document_id and d.active_version_id is distinct from v.id;
        end if;
        perform line_up_for_encoder(versions);
      end $$;

      -- Staged versions become those of their documents, in the same order.
      create function publish_texts(owners uuid[], versions uuid[]) returns void language plpgsql as $$
      begin
        update document_versions v set document_id = t.document_id, published_at = now()
        from unnest(owners, versions) as t (document_id, version_id) where v.id = t.version_id;
        perform activate_versions(versions, 'ready');
      end $$;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop function publish_texts(uuid[], uuid[]);
      drop function activate_versions(uuid[], varchar);
      drop trigger documents_line_up_webhooks_of_new on documents;
      drop function line_up_webhooks_of_new();
      drop trigger documents_note_new on documents;
      drop function note_new_documents();
      create or replace function count_usage_of_new() returns trigger language plpgsql as $$
      begin
        insert into user_usage as u (user_id, documents)
        select n.created_by, count(*) from new_rows n
        where n.created_by is not null and n.deleted_at is null group by n.created_by order by n.created_by
        on conflict (user_id) do update set documents = u.documents + excluded.documents;
        return null;
      end $$;
      ${lineUp('sql')}
    `);
  }
}
