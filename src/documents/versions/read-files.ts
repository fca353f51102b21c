import type { Transaction } from '../../database/transaction.types.js';
import { RetitledMeanwhile, type FileToPublish, type PublishedDocument } from '../documents.types.js';
import { isStagedAhead, isWide, storedStarts } from './staged-versions.repository.js';

interface ReadRow {
  version_id: string;
  id: string;
  external_id: string;
  active_version_id: string | null;
  retagged: boolean;
}

/**
 * Writes down what was read from files, all or none, and locks their documents; in the order of `files`. Who sees it is
 * another question. Undefined when one of them was replaced, cancelled or deleted meanwhile.
 * @throws RetitledMeanwhile: a title is a part of what passages are found by
 */
export async function writeRead(
  tx: Transaction,
  files: readonly FileToPublish[],
): Promise<PublishedDocument[] | undefined> {
  const rows = await tx.query<ReadRow[]>(
    `select t.version_id, d.id, d.external_id, d.active_version_id, d.metadata <> v.metadata as retagged
     from unnest($1::uuid[], $2::uuid[], $3::int[]) as t (document_id, version_id, attempt)
     join documents d on d.id = t.document_id and d.latest_version_id = t.version_id
     join document_versions v on v.id = t.version_id and v.read_attempt = t.attempt
     where d.active_version_id is distinct from t.version_id and d.deleted_at is null
       and d.status in ('queued', 'extracting')
     -- A version that is held is not staged anew by another run.
     order by d.id for update of d for no key update of v`,
    [
      files.map(({ pending }) => pending.document_id),
      files.map(({ pending }) => pending.version_id),
      files.map(({ pending }) => pending.attempt),
    ],
  );
  if (rows.length < files.length) return undefined;
  await requireStaged(tx, files);
  // The documents are locked, so that no title comes any more; one that came is seen by this statement.
  const [, written] = await tx.query<[unknown[], number]>(
    `update document_versions v set text = coalesce(t.text, v.text), title = coalesce(v.title, t.title), language = t.language,
            page_count = t.pages, page_starts = t.page_starts::jsonb, chunk_count = t.chunks, mime = t.mime, wide = t.wide,
            published_at = now(), read_unfinished = v.read_unfinished - 1
     from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[], $7::text[], $8::boolean[],
                 $9::text[], $10::text[])
       as t (id, text, title, language, pages, chunks, mime, wide, read_under, page_starts)
     where v.id = t.id and v.title is not distinct from t.read_under`,
    [
      files.map(({ draft }) => draft.versionId),
      files.map(({ draft }) => (isStagedAhead(draft) ? null : draft.text)),
      files.map(({ draft }) => draft.title),
      files.map(({ draft }) => draft.language),
      files.map(({ draft }) => draft.pages),
      files.map(({ draft }) => draft.passages.length),
      files.map(({ draft }) => draft.mime),
      files.map(({ draft }) => isWide(draft.text)),
      files.map(({ pending }) => pending.title),
      files.map(({ draft }) => storedStarts(draft)),
    ],
  );
  if (written < files.length) throw new RetitledMeanwhile();
  const found = new Map(rows.map((row) => [row.version_id, row]));
  return files.map(({ draft }) => toPublished(found.get(draft.versionId)!));
}

const toPublished = (row: ReadRow): PublishedDocument => ({
  documentId: row.id,
  externalId: row.external_id,
  versionId: row.version_id,
  replacedVersionId: row.active_version_id,
  retagged: row.retagged,
});

/** With the versions locked: a run that was given up may have staged its own passages before. */
async function requireStaged(tx: Transaction, files: readonly FileToPublish[]): Promise<void> {
  const wanted = files.flatMap(({ draft }) =>
    draft.passages.map((passage) => ({ id: passage.id, versionId: draft.versionId })),
  );
  const [row] = await tx.query<{ n: number }[]>(
    `select count(*)::int as n from unnest($1::uuid[], $2::uuid[]) as t (id, version_id)
     join chunks c on c.id = t.id and c.version_id = t.version_id`,
    [wanted.map(({ id }) => id), wanted.map(({ versionId }) => versionId)],
  );
  if (row?.n !== wanted.length) throw new Error('another run staged its passages for this version');
}
