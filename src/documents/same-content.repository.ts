import { Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.types.js';
import type { DocumentStatus, Metadata } from './documents.types.js';

export interface SameContent {
  id: string;
  status: DocumentStatus;
}

/** Documents by the hash of what was uploaded. */
@Injectable()
export class SameContentRepository {
  /** Until the transaction ends nobody else looks for this content in this collection: one of two is the first. */
  async lock(tx: Transaction, collectionId: string, hashes: readonly Buffer[]): Promise<void> {
    const names = hashes.map((hash) => `${collectionId} ${hash.toString('hex')}`);
    await tx.query(
      `select pg_advisory_xact_lock(hashtextextended(t.name, 5))
       from (select distinct name from unnest($1::text[]) as name order by name) t`,
      [names],
    );
  }

  /**
   * The oldest document of the collection with this content; not a file in another one, which goes with that. One that
   * was named by its `doc_id` is only the same as itself, and only with the same metadata: the caller tells such
   * documents apart.
   */
  async find(
    tx: Transaction,
    wanted: {
      collectionId: string;
      sha256: Buffer;
      bytes: number;
      externalId?: string | undefined;
      metadata?: Metadata | undefined;
    },
  ): Promise<SameContent | undefined> {
    const { externalId, metadata } = wanted;
    const rows = await tx.query<SameContent[]>(
      `select d.id, d.status from document_versions v join documents d on d.latest_version_id = v.id
       where v.sha256 = $1 and v.byte_size = $2 and v.file_key is not null and d.collection_id = $3
         and d.deleted_at is null and d.parent_id is null
         and ($4::text is null or (d.external_id = $4 and ($5::text is null or v.metadata = $5::jsonb)))
       order by d.created_at, d.id limit 1`,
      [
        wanted.sha256,
        wanted.bytes,
        wanted.collectionId,
        externalId ?? null,
        metadata === undefined ? null : JSON.stringify(metadata),
      ],
    );
    return rows[0];
  }

  /** The document of this id with this content, for who allows duplicates of others. */
  async findOwn(
    tx: Transaction,
    own: { collectionId: string; documentId: string; externalId: string; sha256: Buffer },
  ): Promise<SameContent | undefined> {
    const rows = await tx.query<SameContent[]>(
      `select d.id, d.status from documents d join document_versions v on v.id = d.latest_version_id
       where d.id = $1 and d.collection_id = $2 and d.external_id = $3 and v.sha256 = $4 and d.deleted_at is null`,
      [own.documentId, own.collectionId, own.externalId, own.sha256],
    );
    return rows[0];
  }
}
