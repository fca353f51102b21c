import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../../database/transaction.types.js';
import type { VectorRecord } from '../../vector/vector.types.js';

interface StoredVector {
  chunk_id: string;
  version_id: string;
  document_id: string;
  collection_id: string;
  vector: string;
}

/** Vectors of versions that wait to take the place of others; in no index, so that nobody finds them. */
@Injectable()
export class SuccessorVectorsRepository {
  constructor(private readonly source: DataSource) {}

  /** Replaces those of the same passages, also where they were made for another index. */
  async keep(indexId: string, records: readonly VectorRecord[]): Promise<void> {
    await this.source.query(
      `insert into successor_vectors (chunk_id, version_id, index_id, vector)
       select c.id, c.version_id, x.id, decode(t.vector, 'base64')
       from unnest($2::uuid[], $3::text[]) as t (chunk_id, vector)
       join chunks c on c.id = t.chunk_id join vector_indexes x on x.id = $1
       for key share of c, x
       on conflict (chunk_id) do update set index_id = excluded.index_id, vector = excluded.vector`,
      [indexId, records.map((record) => record.chunkId), records.map((record) => toBase64(record.vector))],
    );
  }

  /** Of one version, as far as they are there, in the order of its passages. */
  async vectors(indexId: string, versionId: string): Promise<VectorRecord[]> {
    const rows = await this.source.query<StoredVector[]>(
      `select c.id as chunk_id, c.version_id, d.id as document_id, d.collection_id, encode(s.vector, 'base64') as vector
       from successor_vectors s join chunks c on c.id = s.chunk_id
       join document_versions v on v.id = c.version_id join documents d on d.id = v.document_id
       where s.version_id = $2 and s.index_id = $1 order by c.ordinal`,
      [indexId, versionId],
    );
    return rows.map((row) => ({
      chunkId: row.chunk_id,
      versionId: row.version_id,
      documentId: row.document_id,
      collectionId: row.collection_id,
      vector: fromBase64(row.vector),
    }));
  }

  async drop(tx: Transaction, versionId: string): Promise<void> {
    await tx.query('delete from successor_vectors where version_id = $1', [versionId]);
  }

  /** Has vectors of these versions made from the first passage on. */
  async startOver(versionIds: readonly string[], tx?: Transaction): Promise<void> {
    await (tx ?? this.source.manager).query(
      `update document_versions set embedded_count = 0, embedded_index_id = null where id = any($1::uuid[])`,
      [versionIds],
    );
  }

  /** Whether this index answers; it goes on to do so until the transaction ends. */
  async answers(tx: Transaction, indexId: string): Promise<boolean> {
    const rows = await tx.query<unknown[]>(
      `select from vector_indexes where id = $1 and state = 'active' for share`,
      [indexId],
    );
    return rows.length > 0;
  }
}

const toBase64 = (vector: Float32Array): string =>
  Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64');

function fromBase64(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
