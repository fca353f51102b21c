import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateCore20261123000100 implements MigrationInterface {
  name = 'CreateCore20261123000100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table users (
        id uuid constraint users_pkey primary key,
        email varchar(254) not null,
        username varchar(150),
        password_hash text not null,
        full_name varchar(255),
        is_active boolean not null default true,
        email_verified_at timestamptz,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        constraint users_email_key unique (email),
        constraint users_email_normalised check (email = lower(email))
      );
      create unique index users_username_key on users (lower(username));

      create table roles (
        id uuid constraint roles_pkey primary key default gen_random_uuid(),
        name varchar(64) not null,
        created_at timestamptz not null default now(),
        constraint roles_name_key unique (name)
      );
      insert into roles (name) values ('user'), ('admin');

      create table user_roles (
        user_id uuid not null constraint user_roles_user_fkey references users (id) on delete cascade,
        role_id uuid not null constraint user_roles_role_fkey references roles (id) on delete cascade,
        constraint user_roles_pkey primary key (user_id, role_id)
      );
      create index user_roles_role_idx on user_roles (role_id);

      create table refresh_tokens (
        id uuid constraint refresh_tokens_pkey primary key,
        user_id uuid not null constraint refresh_tokens_user_fkey references users (id) on delete cascade,
        device_id varchar(128),
        device_name varchar(128),
        device_key uuid not null,
        jti uuid not null constraint refresh_tokens_jti_key unique,
        generation integer not null default 0,
        token_hash bytea not null,
        previous_token_hash bytea,
        rotated_at timestamptz,
        confirmed_generation integer not null default -1,
        ip varchar(64),
        user_agent varchar(512),
        created_at timestamptz not null default now(),
        last_used_at timestamptz not null default now(),
        revoked_at timestamptz,
        revoked_reason varchar(32),
        expires_at timestamptz not null,
        absolute_expires_at timestamptz not null
      );
      create index refresh_tokens_user_idx on refresh_tokens (user_id, last_used_at) where revoked_at is null;

      create table api_keys (
        id uuid constraint api_keys_pkey primary key,
        user_id uuid not null constraint api_keys_user_fkey references users (id) on delete cascade,
        name varchar(128) not null,
        prefix varchar(16) not null constraint api_keys_prefix_key unique,
        hash bytea not null,
        scopes text[] not null,
        collection_ids uuid[],
        created_at timestamptz not null default now(),
        expires_at timestamptz,
        last_used_at timestamptz,
        revoked_at timestamptz
      );
      create index api_keys_user_idx on api_keys (user_id);

      create table collections (
        id uuid constraint collections_pkey primary key,
        owner_id uuid not null constraint collections_owner_fkey references users (id) on delete cascade,
        name varchar(255) not null,
        description varchar(2000),
        is_personal boolean not null default false,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        -- Hidden from everyone while its documents are being removed.
        deleted_at timestamptz
      );
      create unique index collections_personal_key on collections (owner_id) where is_personal;
      create index collections_owner_idx on collections (owner_id);

      create table collection_grants (
        id uuid constraint collection_grants_pkey primary key,
        collection_id uuid not null constraint collection_grants_collection_fkey references collections (id) on delete cascade,
        user_id uuid constraint collection_grants_user_fkey references users (id) on delete cascade,
        role_id uuid constraint collection_grants_role_fkey references roles (id) on delete cascade,
        access varchar(8) not null,
        granted_by uuid constraint collection_grants_granted_by_fkey references users (id) on delete set null,
        created_at timestamptz not null default now(),
        constraint collection_grants_one_subject check (num_nonnulls(user_id, role_id) = 1),
        constraint collection_grants_access_known check (access in ('read', 'write', 'manage')),
        constraint collection_grants_user_key unique (collection_id, user_id),
        constraint collection_grants_role_key unique (collection_id, role_id)
      );
      create index collection_grants_user_idx on collection_grants (user_id);
      create index collection_grants_role_idx on collection_grants (role_id);

      -- The one place that decides what a user may do with which collection: own ones, and those granted to the
      -- user or to a role held now. Levels: 1 read, 2 write, 3 manage.
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

      create table audit_events (
        id uuid constraint audit_events_pkey primary key,
        at timestamptz not null default now(),
        action varchar(64) not null,
        actor_id uuid,
        target_type varchar(32),
        target_id text,
        ip varchar(64),
        request_id varchar(64),
        details jsonb not null default '{}'
      );
      create index audit_events_at_idx on audit_events (at, id);
      create index audit_events_actor_idx on audit_events (actor_id, at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop function accessible_collections(uuid);
      drop table audit_events, collection_grants, collections, api_keys, refresh_tokens, user_roles, roles, users;
    `);
  }
}
