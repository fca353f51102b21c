import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../database/transaction.types.js';

/** What a user keeps: documents that are not deleted, with the size of their latest version. */
export interface Usage {
  documents: number;
  bytes: number;
  /** Files that were accepted and not read yet. */
  waiting: number;
}

@Injectable()
export class QuotasRepository {
  constructor(private readonly source: DataSource) {}

  /** Inside a transaction that wrote documents of this user, the row is locked until it ends. */
  async usage(userId: string, tx?: Transaction): Promise<Usage> {
    const rows = await (tx ?? this.source.manager).query<Record<keyof Usage, string>[]>(
      'select documents, bytes, waiting from user_usage where user_id = $1',
      [userId],
    );
    const [row] = rows;
    return {
      documents: Number(row?.documents ?? 0),
      bytes: Number(row?.bytes ?? 0),
      waiting: Number(row?.waiting ?? 0),
    };
  }
}
