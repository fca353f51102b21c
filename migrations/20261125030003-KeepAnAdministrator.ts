import type { MigrationInterface, QueryRunner } from 'typeorm';

export class KeepAnAdministrator20261125030003 implements MigrationInterface {
  name = 'KeepAnAdministrator20261125030003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table roles add column description varchar(500);

      -- Whatever takes an administrator away, in whichever way, leaves another one who can sign in. The lock puts such
      -- changes one after the other, so that two administrators cannot demote each other at the same moment.
      create function require_administrator() returns void language plpgsql as $$
      begin
        perform pg_advisory_xact_lock(6151903378);
        if exists (select from users) and not exists (
          select from users u join user_roles ur on ur.user_id = u.id join roles r on r.id = ur.role_id
          where r.name = 'admin' and u.is_active and u.password_hash <> '!')
        then
          raise exception 'this is the last administrator' using errcode = 'AB001';
        end if;
      end $$;

      create function admin_role_lost() returns trigger language plpgsql as $$
      begin
        if exists (select from old_rows o join roles r on r.id = o.role_id where r.name = 'admin') then
          perform require_administrator();
        end if;
        return null;
      end $$;
      -- Also when the user is deleted, which deletes these rows.
      create trigger user_roles_keep_admin after delete on user_roles
        referencing old table as old_rows for each statement execute function admin_role_lost();

      create function admin_shut_out() returns trigger language plpgsql as $$
      begin
        if exists (select from user_roles ur join roles r on r.id = ur.role_id where ur.user_id = new.id and r.name = 'admin')
        then
          perform require_administrator();
        end if;
        return null;
      end $$;
      create trigger users_keep_admin after update of is_active, password_hash on users for each row
        when (old.is_active and old.password_hash <> '!' and not (new.is_active and new.password_hash <> '!'))
        execute function admin_shut_out();

      create function keep_builtin_role() returns trigger language plpgsql as $$
      begin
        raise exception 'the role % belongs to the product', old.name using errcode = 'AB002';
      end $$;
      create trigger roles_keep_builtin before delete or update of name on roles for each row
        when (old.name in ('admin', 'user')) execute function keep_builtin_role();
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop trigger roles_keep_builtin on roles;
      drop trigger users_keep_admin on users;
      drop trigger user_roles_keep_admin on user_roles;
      drop function keep_builtin_role();
      drop function admin_shut_out();
      drop function admin_role_lost();
      drop function require_administrator();
      alter table roles drop column description;
    `);
  }
}
