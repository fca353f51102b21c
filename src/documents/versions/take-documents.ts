import { notFound } from '../../common/errors/app-error.js';
import type { Transaction } from '../../database/transaction.types.js';
import { countFrom } from '../document-family.js';
import type { Metadata } from '../documents.types.js';

/** A document as it was before it was written, or as it was made. */
export interface TakenDocument {
  id: string;
  external_id: string;
  active_version_id: string | null;
  latest_version_id: string | null;
  metadata: Metadata;
}

/** The version that waits to take the place of the one that is shown. */
export const unreadVersion = ({ active_version_id, latest_version_id }: TakenDocument): string | null =>
  latest_version_id === active_version_id ? null : latest_version_id;

/** A document came, went or got another version between the look-up and the write: look again. */
export class DocumentIdChanged extends Error {}

/**
 * Makes documents or locks those of the same external ids, which count towards the quota of this user from then on.
 * A file that was in another one is a document of its own from now on: what was written in its place was not in there.
 * @param insert into documents, in the order of the external ids; $1 is the collection, $2 the user, $4 all external
 * ids, `open` the collection where it still exists
 * @param after what is done with `taken` in the same statement, another part of `with`
 * @throws DocumentIdChanged, AppError `not_found` without the collection
 */
export async function takeDocuments(
  tx: Transaction,
  insert: string,
  parameters: unknown[],
  after = '',
): Promise<TakenDocument[]> {
  const rows = await tx
    .query<(TakenDocument & { was_part: boolean })[]>(
      `with open as (select id from collections where id = $1 and deleted_at is null for share),
       parts as (
         select id from documents
         where collection_id = $1 and external_id = any($4::text[]) and deleted_at is null and parent_id is not null),
       taken as (
         ${insert}
         on conflict (collection_id, external_id) where deleted_at is null
         do update set updated_at = now(), created_by = excluded.created_by,
                       parent_id = null, root_id = null, part_name = null, part_depth = 0
         returning id, external_id, active_version_id, latest_version_id, metadata)
       ${after}
       select *, id in (select id from parts) as was_part from taken`,
      parameters,
    )
    .catch((error: unknown) => {
      // The id that was looked up belongs to a document that was deleted since.
      if ((error as { constraint?: string }).constraint === 'documents_pkey') throw new DocumentIdChanged();
      throw error;
    });
  // Deleted since the caller was found to have a right in it.
  if (rows.length === 0) throw notFound('collection');
  const freed = rows.filter((row) => row.was_part).map((row) => row.id);
  if (freed.length > 0) await countFrom(tx, freed);
  return rows;
}
