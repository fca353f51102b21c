import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { NIL_UUID } from '../common/nil-uuid.js';
import { PersonalData } from '../privacy/personal-data.service.js';

/** Texts may be long: few at a time. */
const BATCH = 5;

/**
 * Documents of a user's own collections, and those that the user added to others and may still read, for the export,
 * with their text and what they count for. The original bytes are at `/documents/{id}/content`.
 */
@Injectable()
export class DocumentsDataRepository {
  constructor(
    private readonly source: DataSource,
    data: PersonalData,
  ) {
    data.contribute({ name: 'documents', read: (userId) => this.documents(userId) });
    data.contribute({ name: 'storage_usage', read: (userId) => this.usage(userId) });
  }

  private async *usage(userId: string): AsyncGenerator<object> {
    yield* await this.source.query<object[]>(
      `select documents::float8 as documents, bytes::float8 as bytes, waiting::float8 as waiting
       from user_usage where user_id = $1`,
      [userId],
    );
  }

  private async *documents(userId: string): AsyncGenerator<object> {
    let after = NIL_UUID;
    for (;;) {
      const rows = await this.source.query<{ id: string }[]>(
        `select d.id, d.collection_id, d.external_id as doc_id, v.title, v.file_name, v.mime,
                v.byte_size::float8 as bytes, encode(v.sha256, 'hex') as sha256, d.metadata, v.language,
                v.page_count as pages, d.status, d.error_code, d.created_at, d.updated_at, a.text
         from documents d
         left join document_versions v on v.id = d.latest_version_id
         left join document_versions a on a.id = d.active_version_id
         join collections c on c.id = d.collection_id
         where d.deleted_at is null and c.deleted_at is null and d.id > $2
           and (c.owner_id = $1 or d.created_by = $1
                and d.collection_id in (select r.collection_id from accessible_collections($1::uuid, null, false) r))
         order by d.id limit $3`,
        [userId, after, BATCH],
      );
      yield* rows;
      const last = rows.at(-1);
      if (!last || rows.length < BATCH) return;
      after = last.id;
    }
  }
}
