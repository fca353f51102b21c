import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ProveAddressesOfGrants20261125170002 implements MigrationInterface {
  name = 'ProveAddressesOfGrants20261125170002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- The address that a grant was given to, if it was given by address. Where proof is needed it counts only while the
      -- account has proved that it reads its address, since anybody could have registered it.
      alter table collection_grants
        add column email varchar(254),
        add column needs_proof boolean not null default false,
        add constraint collection_grants_email_of_user check (email is null or user_id is not null);
      -- What was asked for last is in the log; older ones than it keeps count as given to the account. None of them closes.
      update collection_grants g set email = u.email
      from users u
      where u.id = g.user_id and 'email' = (
        select e.details ->> 'by' from audit_events e
        where e.action = 'grant.given' and e.target_type = 'collection' and e.target_id = g.collection_id::text
          and e.details ->> 'grant' = g.id::text
        order by e.at desc, e.id desc limit 1);
      ${accessibleCollections(
        `g.user_id = caller and (not g.needs_proof
              or (select u.email_verified_at is not null from users u where u.id = caller))`,
      )}
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ${accessibleCollections('g.user_id = caller')}
      alter table collection_grants drop column needs_proof, drop column email;
    `);
  }
}

const accessibleCollections = (toUser: string): string => `
  -- The one place that decides what a user may do with which collection: own ones, and those granted to the
  -- user or to a role held now. Levels: 1 read, 2 write, 3 manage. "only" is what the credential is limited to,
  -- null for no limit; "everything" is an administrator's stated and recorded way past permission.
  create or replace function accessible_collections(caller uuid, only_these uuid[], everything boolean)
  returns table (collection_id uuid, level integer)
  language sql stable as $$
    select granted.collection_id, max(granted.level) as level from (
      select c.id as collection_id, 3 as level from collections c where c.owner_id = caller and c.deleted_at is null
      union all
      select g.collection_id, case g.access when 'manage' then 3 when 'write' then 2 else 1 end
      from collection_grants g join collections c on c.id = g.collection_id and c.deleted_at is null
      where ${toUser}
        or g.role_id in (select ur.role_id from user_roles ur where ur.user_id = caller)
      union all
      select c.id, 3 from collections c where everything and c.deleted_at is null
    ) granted where only_these is null or granted.collection_id = any(only_these) group by granted.collection_id
  $$;`;
