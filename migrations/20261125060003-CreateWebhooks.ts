import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateWebhooks20261125060003 implements MigrationInterface {
  name = 'CreateWebhooks20261125060003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table webhook_endpoints (
        id uuid constraint webhook_endpoints_pkey primary key,
        owner_id uuid not null constraint webhook_endpoints_owner_fkey references users (id) on delete cascade,
        url varchar(2000) not null,
        description varchar(255),
        events text[] not null,
        -- Only documents of this collection; null is all that the owner may read.
        collection_id uuid constraint webhook_endpoints_collection_fkey references collections (id) on delete cascade,
        secret bytea not null,
        previous_secret bytea,
        previous_until timestamptz,
        enabled boolean not null default true,
        disabled_reason varchar(255),
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      );
      create index webhook_endpoints_owner_idx on webhook_endpoints (owner_id, created_at, id);

      create table webhook_deliveries (
        id uuid constraint webhook_deliveries_pkey primary key,
        endpoint_id uuid not null constraint webhook_deliveries_endpoint_fkey references webhook_endpoints (id) on delete cascade,
        event varchar(64) not null,
        -- No reference: the log outlives what it is about.
        document_id uuid,
        state varchar(16) not null default 'pending',
        attempts integer not null default 0,
        next_at timestamptz default now(),
        response_status integer,
        error varchar(500),
        created_at timestamptz not null default now(),
        finished_at timestamptz,
        constraint webhook_deliveries_state_known check (state in ('pending', 'delivered', 'failed', 'dropped'))
      );
      create index webhook_deliveries_due_idx on webhook_deliveries (next_at) where state = 'pending';
      create index webhook_deliveries_endpoint_idx on webhook_deliveries (endpoint_id, created_at, id);

      -- A delivery exists exactly if the change does. For whom it may be is decided here and again when it is sent.
      create function line_up_webhooks() returns trigger language plpgsql as $$
      begin
        if not exists (select from webhook_endpoints) then return null; end if;
        insert into webhook_deliveries (id, endpoint_id, event, document_id)
        select gen_random_uuid(), e.id, 'document.' || n.status, n.id
        from new_rows n join old_rows o on o.id = n.id
        join webhook_endpoints e on e.enabled and 'document.' || n.status = any(e.events)
          and (e.collection_id is null or e.collection_id = n.collection_id)
        where n.deleted_at is null and n.status in ('ready', 'failed')
          and (o.status is distinct from n.status or o.active_version_id is distinct from n.active_version_id)
          and n.collection_id in (select a.collection_id from accessible_collections(e.owner_id, null, false) a);
        return null;
      end $$;
      create trigger documents_line_up_webhooks after update on documents
        referencing old table as old_rows new table as new_rows
        for each statement execute function line_up_webhooks();
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop trigger documents_line_up_webhooks on documents;
      drop function line_up_webhooks();
      drop table webhook_deliveries, webhook_endpoints;
    `);
  }
}
