import { cursorParts, decodeTimeCursor, isUuid, unusableCursor } from '../../common/http/page.js';
import { isInstant } from '../../common/http/validators.js';
import { isStorableText } from '../../common/storable-text.js';
import type { ListedRow } from './document-list.repository.js';
import type { DocumentOrder, DocumentSort } from '../documents.types.js';

const MOST_DIGITS = /^\d{1,18}$/;

const isKey = (sort: DocumentSort, key: unknown): key is string => {
  if (sort === 'title') return typeof key === 'string' && isStorableText(key);
  if (sort === 'bytes') return typeof key === 'string' && MOST_DIGITS.test(key);
  return isInstant(key) && key.endsWith('Z');
};

/** Where the page after this row begins. In the order that there was before there were others, as it was then. */
export function placeOf(row: ListedRow, sort: DocumentSort, order: DocumentOrder): string[] {
  const key = row.sort_key instanceof Date ? row.sort_key.toISOString() : row.sort_key;
  return sort === 'created_at' && order === 'asc' ? [key, row.id] : [key, row.id, sort, order];
}

/** @throws AppError `invalid_cursor`, also for one of another order */
export function decodePlace(
  cursor: string | undefined,
  sort: DocumentSort,
  order: DocumentOrder,
): { key: string; id: string } | undefined {
  if (cursor === undefined) return undefined;
  if (sort === 'created_at' && order === 'asc') {
    const place = decodeTimeCursor(cursor);
    return place && { key: place.at, id: place.id };
  }
  const [key, id, ...of] = cursorParts(cursor);
  if (!isUuid(id) || !isKey(sort, key) || of.length !== 2 || of[0] !== sort || of[1] !== order)
    throw unusableCursor();
  return { key, id };
}
