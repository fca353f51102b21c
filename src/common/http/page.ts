import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { AppError } from '../errors/app-error.js';
import { IsQueryInteger, isInstant } from './validators.js';

export const DEFAULT_PAGE = 50;
export const MAX_PAGE = 200;
/** Counting goes no further, so that it costs the same however many there are. */
export const COUNTED_TO = 10_000;
/** Characters; a position among titles holds one of 200 letters. */
const MOST_OF_A_CURSOR = 2000;

/** `?limit&cursor` of every list. */
export class PageQuery {
  @ApiPropertyOptional({
    description: 'Most items in this page.',
    minimum: 1,
    maximum: MAX_PAGE,
    default: DEFAULT_PAGE,
  })
  @IsQueryInteger(1, MAX_PAGE)
  limit?: number;

  @ApiPropertyOptional({ description: '`next_cursor` of the page before.' })
  @IsOptional()
  @IsString()
  @MaxLength(MOST_OF_A_CURSOR)
  cursor?: string;
}

/** What every page has beside its items. */
export class PageInfo {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Pass it as `cursor` for the next page; null on the last one.',
  })
  next_cursor!: string | null;
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** Rows are asked for with one more than `limit`; the extra one tells that there is a next page. */
export function toPage<R, T>(
  rows: readonly R[],
  limit: number,
  key: (row: R) => readonly string[],
  item: (row: R) => T,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items: shown.map(item), next_cursor: more ? encodeCursor(key(last)) : null };
}

export const encodeCursor = (key: readonly string[]): string =>
  Buffer.from(JSON.stringify(key)).toString('base64url');

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const isUuid = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);

export const unusableCursor = (): AppError =>
  new AppError('invalid_cursor', 'Use the next_cursor of the previous page, with the same parameters.');

/** What a cursor was made of, to be checked; nothing where it is none. */
export function cursorParts(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(value) ? (value as unknown[]) : [];
  } catch {
    return [];
  }
}

/** Position of a list ordered by time and id. @throws AppError `invalid_cursor` */
export function decodeTimeCursor(cursor: string | undefined): { at: string; id: string } | undefined {
  if (cursor === undefined) return undefined;
  const [at, id, ...rest] = cursorParts(cursor);
  if (isUuid(id) && isInstant(at) && at.endsWith('Z') && rest.length === 0) return { at, id };
  throw unusableCursor();
}

/** Position of a list ordered by a number; -1 before its first. @throws AppError `invalid_cursor` */
export function decodeOrdinal(cursor: string | undefined): number {
  if (cursor === undefined) return -1;
  const [ordinal] = cursorParts(cursor);
  if (typeof ordinal === 'string' && /^\d{1,9}$/.test(ordinal)) return Number(ordinal);
  throw new AppError('invalid_cursor', 'Use the next_cursor of the previous page.');
}
