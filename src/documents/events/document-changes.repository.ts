import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { NOTHING_YET, type ChangePosition, type DocumentChange } from './document-events.types.js';

interface ChangeRow {
  xid: string;
  sequence: string;
  document_id: string;
  collection_id: string;
}

/** Newer ones may still be joined by some that come before them. */
const SETTLED = 'xid < pg_snapshot_xmin(pg_current_snapshot())';

/** What changed about documents, in an order that whoever reads it in steps can rely on. */
@Injectable()
export class DocumentChangesRepository {
  constructor(private readonly source: DataSource) {}

  /** Where a reader stands who wants only what comes from now on. */
  async latest(): Promise<ChangePosition> {
    const rows = await this.source.query<ChangePosition[]>(
      `select xid::text as xid, sequence::text as sequence from document_changes where ${SETTLED}
       order by document_changes.xid desc, document_changes.sequence desc limit 1`,
    );
    return rows[0] ?? NOTHING_YET;
  }

  async after(position: ChangePosition, limit: number): Promise<DocumentChange[]> {
    const rows = await this.source.query<ChangeRow[]>(
      `select c.xid::text as xid, c.sequence::text as sequence, c.document_id, c.collection_id from document_changes c
       where (c.xid, c.sequence) > ($1::text::xid8, $2::bigint) and c.${SETTLED}
       order by c.xid, c.sequence limit $3`,
      [position.xid, position.sequence, limit],
    );
    return rows.map((row) => ({
      position: { xid: row.xid, sequence: row.sequence },
      documentId: row.document_id,
      collectionId: row.collection_id,
    }));
  }

  /** Whether this is a position of ours, and nothing after it was forgotten yet. */
  async reachesBackTo(position: ChangePosition): Promise<boolean> {
    const rows = await this.source.query<{ reaches: boolean }[]>(
      `select exists (select from document_changes where (xid, sequence) <= ($1::text::xid8, $2::bigint))
          and exists (select from document_changes where (xid, sequence) >= ($1::text::xid8, $2::bigint)) as reaches`,
      [position.xid, position.sequence],
    );
    return rows[0]?.reaches === true;
  }

  /** The newest stays, so that who has seen all is known to have. */
  async forget(olderThanSeconds: number): Promise<void> {
    await this.source.query(
      `delete from document_changes where at < now() - make_interval(secs => $1)
         and (xid, sequence) < (select c.xid, c.sequence from document_changes c order by c.xid desc, c.sequence desc limit 1)`,
      [olderThanSeconds],
    );
  }
}
