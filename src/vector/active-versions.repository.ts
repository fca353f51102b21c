import type { DataSource } from 'typeorm';
import type { MetadataFilter } from '../common/filter/metadata-filter.js';
import { matchingDocuments } from '../database/matching-documents.js';
import type { VectorQuery } from './vector.types.js';

/** What PostgreSQL says may be seen. */
export class ActiveVersionsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The active versions of those documents that stand in one of these collections, match and are not deleted. */
  async find(
    documentIds: readonly string[],
    collectionIds: readonly string[],
    filter: MetadataFilter | undefined,
  ): Promise<Set<string>> {
    const rows = await this.dataSource.query<{ active_version_id: string }[]>(
      `select active_version_id from documents
       where id = any($1::uuid[]) and collection_id = any($2::uuid[]) and deleted_at is null
         and ($3::jsonpath is null or metadata @@ $3::jsonpath)`,
      [documentIds, collectionIds, filter?.jsonPath ?? null],
    );
    return new Set(rows.map((row) => row.active_version_id));
  }

  /** Ids of all documents in scope that match. */
  matching({ collectionIds, documentIds }: VectorQuery, filter: MetadataFilter): Promise<string[]> {
    return matchingDocuments(this.dataSource, { collectionIds, documentIds }, filter.jsonPath);
  }
}
