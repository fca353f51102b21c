import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Where the keys are looked for of which one has to be in the store. */
const STARTS = ['00', '40', '80', 'c0'];
const KEYS_OF_EACH = 5;

export interface Installation {
  id: string;
  /** Whether a store without a mark may be taken for its own because it holds known files. */
  claims_files: boolean;
}

/** What the database says of itself and of the files that should be in the store. */
@Injectable()
export class OwnershipRepository {
  constructor(private readonly source: DataSource) {}

  async installation(): Promise<Installation> {
    const [row] = await this.source.query<Installation[]>('select id, claims_files from installation');
    if (!row) throw new Error('the database has no row that names its installation');
    return row;
  }

  /** A store that was given to it is its own, and so are copies of it. */
  async claimFiles(): Promise<void> {
    await this.source.query('update installation set claims_files = true');
  }

  /** Keys of some files that are known, none only where no file is. */
  async someKeys(): Promise<string[]> {
    const rows = await this.source.query<{ file_key: string }[]>(
      `select k.file_key from unnest($1::text[]) as s (start) cross join lateral (
         select v.file_key from document_versions v where v.file_key collate "C" >= s.start
         order by v.file_key collate "C" limit $2) k`,
      [STARTS, KEYS_OF_EACH],
    );
    return [...new Set(rows.map((row) => row.file_key))];
  }

  /** How many of these keys are known. */
  async countKnown(keys: readonly string[]): Promise<number> {
    const [row] = await this.source.query<{ n: number }[]>(
      `select count(distinct file_key)::int as n from document_versions where file_key collate "C" = any($1::text[])`,
      [keys],
    );
    return row?.n ?? 0;
  }

  /** How many files are known. */
  async count(): Promise<number> {
    const [row] = await this.source.query<{ n: number }[]>(
      'select count(distinct file_key)::int as n from document_versions where file_key is not null',
    );
    return row?.n ?? 0;
  }
}
