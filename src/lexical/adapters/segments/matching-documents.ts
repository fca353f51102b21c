import type { DataSource } from 'typeorm';
import type { MetadataFilter } from '../../../common/filter/metadata-filter.js';
import { matchingDocuments } from '../../../database/matching-documents.js';
import type { LexicalHit, LexicalScope } from '../../lexical.types.js';

/** Which hits, or which of all documents, a filter on metadata chooses. */
export class MatchingDocuments {
  constructor(private readonly dataSource: DataSource) {}

  async among(hits: readonly LexicalHit[], filter: MetadataFilter): Promise<LexicalHit[]> {
    if (hits.length === 0) return [];
    const ids = [...new Set(hits.map((hit) => hit.documentId))];
    const rows: { id: string }[] = await this.dataSource.query(
      'select id from documents where id = any($1::uuid[]) and metadata @@ $2::jsonpath',
      [ids, filter.jsonPath],
    );
    const matching = new Set(rows.map((row) => row.id));
    return hits.filter((hit) => matching.has(hit.documentId));
  }

  /** Ids of all documents in scope that it chooses. */
  all({ collectionIds, documentIds }: LexicalScope, filter: MetadataFilter): Promise<string[]> {
    return matchingDocuments(this.dataSource, { collectionIds, documentIds }, filter.jsonPath);
  }
}
