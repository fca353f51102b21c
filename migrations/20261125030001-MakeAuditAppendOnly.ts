import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One partition for each month (UTC), rows that are never changed, and months that go as a whole. */
export class MakeAuditAppendOnly20261125030001 implements MigrationInterface {
  name = 'MakeAuditAppendOnly20261125030001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table audit_events rename to audit_events_before;
      alter table audit_events_before rename constraint audit_events_pkey to audit_events_before_pkey;
      drop index audit_events_at_idx, audit_events_actor_idx;

      create table audit_events (
        id uuid not null,
        -- Milliseconds: a page's cursor holds the time as a client sees it.
        at timestamptz(3) not null default clock_timestamp(),
        action varchar(64) not null,
        actor_id uuid,
        target_type varchar(32),
        target_id text,
        ip varchar(64),
        request_id varchar(64),
        details jsonb not null default '{}',
        constraint audit_events_pkey primary key (at, id)
      ) partition by range (at);
      create index audit_events_actor_idx on audit_events (actor_id, at);
      create index audit_events_target_idx on audit_events (target_id, at);
      create index audit_events_action_idx on audit_events (action, at);

      -- What belongs to no month that was made: a row is never refused because a month is missing.
      create table audit_events_other partition of audit_events default;

      create function audit_refuse_change() returns trigger language plpgsql as $$
      begin
        raise exception 'audit_events is append-only' using errcode = 'insufficient_privilege';
      end $$;
      -- For each row, so that it also holds for a partition that is named directly.
      create trigger audit_events_append_only before update or delete on audit_events
        for each row execute function audit_refuse_change();
      -- Also where no row matches.
      create trigger audit_events_no_change before update or delete or truncate on audit_events
        for each statement execute function audit_refuse_change();
      create trigger audit_events_no_truncate before truncate on audit_events_other
        for each statement execute function audit_refuse_change();

      -- Makes the month that holds a day, unless it is there. Runs with the rights of the tables' owner, so that the
      -- application may work as a role that can only insert and select.
      create function audit_make_month(day date) returns void language plpgsql security definer as $$
      declare
        month timestamp := date_trunc('month', day::timestamp);
        name text := 'audit_events_' || to_char(month, 'YYYY_MM');
      begin
        perform pg_advisory_xact_lock(6151903377);
        if to_regclass(name) is not null then return; end if;
        execute format('create table %I partition of audit_events for values from (%L) to (%L)',
          name, month::text || '+00', (month + interval '1 month')::text || '+00');
        execute format('create trigger audit_events_no_truncate before truncate on %I for each statement
                        execute function audit_refuse_change()', name);
      exception
        -- Rows of this month are in "other" already and stay there.
        when check_violation then return;
      end $$;

      -- Drops the months that ended before a time, the only way in which rows go; returns their names.
      create function audit_drop_months(before timestamptz) returns setof text language plpgsql security definer as $$
      declare
        name text;
      begin
        if before > now() - interval '30 days' then
          raise exception 'the audit log of the last 30 days is kept' using errcode = 'insufficient_privilege';
        end if;
        perform pg_advisory_xact_lock(6151903377);
        for name in
          select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
          where i.inhparent = 'audit_events'::regclass and c.relname ~ '^audit_events_[0-9]{4}_[0-9]{2}$'
            and (to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month') at time zone 'UTC' <= before
          order by c.relname
        loop
          execute format('drop table %I', name);
          return next name;
        end loop;
        if exists (select from audit_events_other) and not exists (select from audit_events_other where at >= before) then
          drop table audit_events_other;
          create table audit_events_other partition of audit_events default;
          create trigger audit_events_no_truncate before truncate on audit_events_other
            for each statement execute function audit_refuse_change();
          return next 'audit_events_other';
        end if;
      end $$;

      do $$
      begin
        -- A function that runs with its owner's rights must not find tables that a caller put in its way.
        execute format('alter function audit_make_month(date) set search_path = %I, pg_temp', current_schema());
        execute format('alter function audit_drop_months(timestamptz) set search_path = %I, pg_temp', current_schema());
        perform audit_make_month(day::date) from generate_series(
          (select least(coalesce(min(at), now()), now()) at time zone 'UTC' from audit_events_before),
          (now() + interval '2 months') at time zone 'UTC', interval '28 days') as day;
      end $$;
      insert into audit_events select id, at, action, actor_id, target_type, target_id, ip, request_id, details
        from audit_events_before;
      drop table audit_events_before;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table audit_events rename to audit_events_after;
      alter table audit_events_after rename constraint audit_events_pkey to audit_events_after_pkey;
      alter index audit_events_actor_idx rename to audit_events_after_actor_idx;
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
      insert into audit_events select id, at, action, actor_id, target_type, target_id, ip, request_id, details
        from audit_events_after;
      drop table audit_events_after;
      drop function audit_make_month(date);
      drop function audit_drop_months(timestamptz);
      drop function audit_refuse_change();
    `);
  }
}
