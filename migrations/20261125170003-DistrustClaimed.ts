import type { MigrationInterface, QueryRunner } from 'typeorm';

/** As before, but devices of whoever an account was taken from are as little trusted as those of thieves. */
export class DistrustClaimed20261125170003 implements MigrationInterface {
  name = 'DistrustClaimed20261125170003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(openSession(`'reuse', 'claimed'`));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(openSession(`'reuse'`));
  }
}

const openSession = (untrusted: string): string => `
  create or replace function open_session(
    p_id uuid, p_user uuid, p_password text, p_factor_shown boolean, p_device_id varchar, p_device_name varchar,
    -- The device that the client showed, if any, and the one that it gets unless it was seen at this account before.
    p_device uuid, p_fresh_device uuid,
    p_jti uuid, p_token_hash bytea, p_ip varchar, p_user_agent varchar,
    p_idle float8, p_absolute float8, p_most integer, p_new_device_allowed boolean,
    -- Row of the audit log for the opening; those of sessions that end for it are made after it.
    p_event jsonb,
    -- Counters of guesses that go one down, and those that go.
    p_decrement text[], p_delete text[]
  ) returns table (state text, device uuid, is_new boolean) language plpgsql as $$
  declare
    v_device uuid := p_fresh_device;
    v_new boolean;
    v_ended uuid[];
  begin
    perform 1 from users u
      where u.id = p_user and u.is_active and u.password_hash = p_password
        and (p_factor_shown or not exists (
          select from second_factors f where f.user_id = u.id and f.confirmed_at is not null))
      for no key update;
    if not found then
      return query select 'changed', null::uuid, false;
      return;
    end if;

    -- A device keeps its id only where it has been before, and none of its tokens was ever stolen,
    -- nor the account taken from whoever used it.
    if p_device is not null
      and exists (select from refresh_tokens s where s.user_id = p_user and s.device_key = p_device)
      and not exists (select from refresh_tokens s
                      where s.user_id = p_user and s.device_key = p_device and s.revoked_reason in (${untrusted}))
    then
      v_device := p_device;
    end if;
    v_new := exists (select from refresh_tokens s where s.user_id = p_user) and not exists (
      select from refresh_tokens s where s.user_id = p_user and coalesce(s.revoked_reason, '') not in (${untrusted})
        and (s.device_key = v_device or (s.ip is not distinct from p_ip and s.user_agent is not distinct from p_user_agent)));
    if v_new and not p_new_device_allowed then
      return query select 'new_device', null::uuid, true;
      return;
    end if;

    insert into refresh_tokens (id, user_id, device_id, device_name, device_key, jti, token_hash, ip, user_agent,
                                created_at, expires_at, absolute_expires_at)
    -- The time of the statement: transactions may have begun in another order than they got the row.
    values (p_id, p_user, p_device_id, p_device_name, v_device, p_jti, p_token_hash, p_ip, p_user_agent,
            clock_timestamp(), now() + make_interval(secs => least(p_idle, p_absolute)),
            now() + make_interval(secs => p_absolute));

    if (select count(*) from refresh_tokens s
        where s.user_id = p_user and s.revoked_at is null and s.expires_at > now()) > p_most
    then
      with gone as (
        update refresh_tokens set revoked_at = now(), revoked_reason = 'max_sessions'
        where id in (select s.id from refresh_tokens s
                     where s.user_id = p_user and s.id <> p_id and s.revoked_at is null and s.expires_at > now()
                     order by s.created_at desc, s.id desc offset p_most - 1)
        returning id
      )
      select array_agg(id) into v_ended from gone;
    end if;

    insert into audit_events (id, at, action, actor_id, target_type, target_id, ip, request_id, details)
    select e.id, e.at, e.action, e.actor_id, e.target_type, e.target_id, e.ip, e.request_id, e.details
    from jsonb_to_record(p_event) as e (
      id uuid, at timestamptz, action varchar, actor_id uuid, target_type varchar, target_id text, ip varchar,
      request_id varchar, details jsonb);
    if v_ended is not null then
      insert into audit_events (id, at, action, actor_id, target_type, target_id, ip, request_id, details)
      select gen_random_uuid(), (p_event ->> 'at')::timestamptz, 'session.ended', p_user, 'session', ended::text,
             p_event ->> 'ip', p_event ->> 'request_id', '{"reason": "max_sessions"}'
      from unnest(v_ended) as ended;
    end if;

    -- Always in the same order, so that two do not block each other.
    if cardinality(p_decrement) > 0 then
      with held as (
        select l.key from rate_limits l where l.key = any(p_decrement) order by l.key for no key update
      )
      update rate_limits l set points = l.points - 1 from held where l.key = held.key and l.points > 0;
    end if;
    if cardinality(p_delete) > 0 then
      delete from rate_limits l where l.key = any(p_delete);
    end if;
    return query select 'opened', v_device, v_new;
  end $$;`;
