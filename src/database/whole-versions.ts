/**
 * Whether a row of `document_versions` has all its vectors in an index: it came through the backlog of the index that
 * answers, or was embedded while the index was being built. Both are names in the query that this becomes a part of.
 */
export const isWholeIn = (version: string, index: string): string =>
  `(${version}.embedded_index_id is not distinct from ${index} or exists (
     select from rebuilt_versions w where w.version_id = ${version}.id and w.index_id = ${index} and w.whole))`;

/** Whether an index will never hold it whole: its encoder refuses a part of the text. */
export const isRefusedBy = (version: string, index: string): string =>
  `exists (select from refused_versions f where f.version_id = ${version}.id and f.index_id = ${index})`;
