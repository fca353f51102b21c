import type { Transaction } from '../database/transaction.types.js';

/**
 * Locks the documents that are directly in these. Found and locked by one statement: one that is just being taken out of
 * them is looked at again behind that, and is not among them.
 * @returns their ids
 */
export async function lockParts(tx: Transaction, parentIds: readonly string[]): Promise<string[]> {
  const parts = await tx.query<{ id: string }[]>(
    `select id from documents where parent_id = any(array(select unnest($1::uuid[]))) and deleted_at is null
     order by id for update`,
    [parentIds],
  );
  return parts.map((row) => row.id);
}

/**
 * Locks documents and all that is in them: level by level, each locked before the next is looked for, because a document
 * that is locked cannot get new parts.
 * @returns their ids, those asked for first
 */
export async function lockFamily(tx: Transaction, documentIds: readonly string[]): Promise<string[]> {
  const family = [...documentIds];
  await tx.query('select id from documents where id = any($1::uuid[]) order by id for update', [documentIds]);
  for (let level = documentIds; level.length > 0;) {
    level = await lockParts(tx, level);
    for (const id of level) family.push(id);
  }
  return family;
}

/** After documents were taken out of those that they were in: what is in them counts from them now. */
export async function countFrom(tx: Transaction, documentIds: readonly string[]): Promise<void> {
  await tx.query(
    `with recursive family as (
       select id, id as root_id, 0 as depth from documents where id = any($1::uuid[])
       union all
       select d.id, f.root_id, f.depth + 1 from documents d join family f on d.parent_id = f.id
     )
     update documents d set root_id = f.root_id, part_depth = f.depth
     from family f where d.id = f.id and f.depth > 0`,
    [documentIds],
  );
}
