import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../../database/transaction.types.js';
import { lockFamily } from '../document-family.js';
import type { HiddenVersions, RemovableVersion } from '../documents.types.js';

/** What is no longer to be seen, and what is then taken away of it. */
@Injectable()
export class RemovedVersionsRepository {
  constructor(private readonly source: DataSource) {}

  /** Hides documents, and the files that were in them, from every reader. */
  async hide(tx: Transaction, documentIds: readonly string[]): Promise<HiddenVersions> {
    if (documentIds.length === 0) return { shown: [], unread: [] };
    const family = await lockFamily(tx, documentIds);
    const [rows] = await tx.query<
      [{ active_version_id: string | null; latest_version_id: string | null }[], number]
    >(
      `update documents set deleted_at = now(), status = 'deleting', updated_at = now()
       where id = any($1::uuid[]) and deleted_at is null returning active_version_id, latest_version_id`,
      [family],
    );
    await tx.query(
      `insert into removable_versions (version_id) select id from document_versions where document_id = any($1::uuid[])
       on conflict do nothing`,
      [family],
    );
    return {
      shown: rows.flatMap((row) => row.active_version_id ?? []),
      unread: rows.flatMap((row) =>
        row.latest_version_id && row.latest_version_id !== row.active_version_id ? row.latest_version_id : [],
      ),
    };
  }

  /**
   * Versions that nobody can see any more: of deleted documents, replaced ones, files overtaken by another; those behind
   * `after`, in order of their ids. Without the key of a file that another version, which is not to go, was made of too.
   * @param again those that were put off and are due, instead of those that never were
   */
  removable(after: string, limit: number, again: boolean): Promise<RemovableVersion[]> {
    return this.source.query(
      `select v.id, case when not exists (
                select from document_versions o
                where o.file_key collate "C" = v.file_key and o.id <> v.id
                  and not exists (select from removable_versions other where other.version_id = o.id)
              ) then v.file_key end as file_key, r.tries
       from removable_versions r join document_versions v on v.id = r.version_id
       where r.version_id > $1
         and case when $3 then r.put_off_until < clock_timestamp() else r.put_off_until is null end
       order by r.version_id limit $2`,
      [after, limit, again],
    );
  }

  /** Leaves versions alone for a while, which doubles from the first pause to the longest. */
  async putOff(
    versionIds: readonly string[],
    { firstSeconds, longestSeconds }: { firstSeconds: number; longestSeconds: number },
  ): Promise<void> {
    await this.source.query(
      `update removable_versions
       set tries = least(tries + 1, 20),
           put_off_until = clock_timestamp() + make_interval(secs => least($2 * power(2, tries), $3::float8))
       where version_id = any($1::uuid[])`,
      [versionIds, firstSeconds, longestSeconds],
    );
  }

  /** Removes versions, and the documents and collections that are left empty by it. */
  async remove(tx: Transaction, versionIds: readonly string[]): Promise<void> {
    await tx.query(
      `update documents set active_version_id = null, latest_version_id = null
       where deleted_at is not null and (active_version_id = any($1::uuid[]) or latest_version_id = any($1::uuid[]))`,
      [versionIds],
    );
    await tx.query('delete from document_versions where id = any($1::uuid[])', [versionIds]);
    await tx.query(
      `delete from documents d where d.deleted_at is not null
         and not exists (select 1 from document_versions v where v.document_id = d.id)`,
    );
  }
}
