import type { DataSource } from 'typeorm';

/** Ids of the documents that are shown in these collections and whose metadata a path of a filter matches, `limit` at most. */
export async function matchingDocuments(
  source: Pick<DataSource, 'query'>,
  scope: { collectionIds: readonly string[]; documentIds?: readonly string[] | undefined },
  jsonPath: string,
  limit?: number,
): Promise<string[]> {
  const { collectionIds, documentIds } = scope;
  const rows = await source.query<{ id: string }[]>(
    `select d.id from documents d
     where d.collection_id = any($1::uuid[]) and d.deleted_at is null and d.active_version_id is not null
       and d.metadata @@ $2::jsonpath ${documentIds ? 'and d.id = any($4::uuid[])' : ''} limit $3`,
    [collectionIds, jsonPath, limit ?? null, ...(documentIds ? [documentIds] : [])],
  );
  return rows.map((row) => row.id);
}
