import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PersonalData } from '../privacy/personal-data.service.js';

/** Own collections, and what was shared by and with a user, for the export. */
@Injectable()
export class CollectionsDataRepository {
  constructor(
    private readonly source: DataSource,
    data: PersonalData,
  ) {
    const rows = (sql: string) => (userId: string) => this.rows(sql, userId);
    data.contribute({
      name: 'collections',
      read: rows(
        `select id, name, description, is_personal, created_at, updated_at from collections
         where owner_id = $1 and deleted_at is null order by created_at, id`,
      ),
    });
    data.contribute({
      name: 'grants_given',
      read: rows(
        `select g.id, g.collection_id, g.user_id, g.email, r.name as role, g.access, g.created_at
         from collection_grants g join collections c on c.id = g.collection_id
         left join roles r on r.id = g.role_id
         where (c.owner_id = $1 or g.granted_by = $1) and c.deleted_at is null order by g.created_at, g.id`,
      ),
    });
    data.contribute({
      name: 'grants_received',
      read: rows(
        `select g.id, g.collection_id, c.name as collection_name, g.access, g.created_at
         from collection_grants g join collections c on c.id = g.collection_id
         where g.user_id = $1 and c.deleted_at is null order by g.created_at, g.id`,
      ),
    });
  }

  private async *rows(sql: string, userId: string): AsyncGenerator<object> {
    yield* await this.source.query<object[]>(sql, [userId]);
  }
}
