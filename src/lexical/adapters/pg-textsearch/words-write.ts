import type { Transaction } from '../../../database/transaction.types.js';
import { PreparedLexicalWrite } from '../../lexical-index.port.js';
import { NAMED } from './tables.js';

export interface WordsRow {
  documentId: string;
  versionId: string;
  language: string;
  words: string;
  name: { words: string; written: string };
  chunks: { id: string; words: string }[];
}

/** Words of documents and passages, to be stored. */
export class WordsWrite extends PreparedLexicalWrite {
  constructor(private readonly rows: readonly WordsRow[]) {
    super();
  }

  async store(transaction: Transaction): Promise<void> {
    if (this.rows.length === 0) return;
    const chunks = this.rows.flatMap((row) =>
      row.chunks.map((chunk, ordinal) => ({ ...row, chunk, ordinal })),
    );
    await transaction.query(
      `insert into lexical_word_languages select distinct unnest($1::text[]) on conflict do nothing`,
      [this.rows.map((row) => row.language)],
    );
    await transaction.query(
      `insert into lexical_document_words (version_id, document_id, words)
       select * from unnest($1::uuid[], $2::uuid[], $3::text[])
       on conflict (version_id) do update set words = excluded.words`,
      columns(this.rows, (row) => [row.versionId, row.documentId, row.words]),
    );
    await transaction.query(
      `insert into ${NAMED.table} (version_id, document_id, words, written)
       select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[])
       on conflict (version_id) do update set words = excluded.words, written = excluded.written`,
      columns(this.rows, ({ versionId, documentId, name }) => [
        versionId,
        documentId,
        name.words,
        name.written,
      ]),
    );
    await transaction.query(
      `insert into lexical_chunk_words (chunk_id, version_id, document_id, ordinal, words)
       select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::text[])
       on conflict (chunk_id) do update set words = excluded.words`,
      columns(chunks, ({ chunk, versionId, documentId, ordinal }) => [
        chunk.id,
        versionId,
        documentId,
        ordinal,
        chunk.words,
      ]),
    );
  }
}

function columns<Row>(rows: readonly Row[], values: (row: Row) => unknown[]): unknown[][] {
  const table = rows.map(values);
  return table[0]!.map((_, column) => table.map((row) => row[column]));
}
