import type { DataSource } from 'typeorm';

/** Rows that go at once: in the embedded database everybody waits for a statement. */
export const PIECE = 5_000;

/** Repeats a statement that deletes at most `PIECE` rows until it finds fewer. */
export async function deleteInPieces(
  source: Pick<DataSource, 'query'>,
  statement: string,
  parameters: unknown[] = [],
): Promise<void> {
  for (let removed = PIECE; removed === PIECE;)
    [, removed] = await source.query<[unknown[], number]>(statement, parameters);
}
