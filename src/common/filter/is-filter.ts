import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { Allow, IsOptional } from 'class-validator';
import { RawJson } from '../http/validators.js';
import { AppError } from '../errors/app-error.js';
import { MetadataFilter } from './metadata-filter.js';

/** A filter in a JSON body. The property holds a `MetadataFilter`, or nothing where all documents match. */
export const IsFilter = (): PropertyDecorator =>
  applyDecorators(
    RawJson((value, key) =>
      value === undefined || value === null ? undefined : MetadataFilter.parse(value, key),
    ),
    IsOptional(),
    Allow(),
  );

/** A filter as JSON text in the query string. */
export const IsQueryFilter = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value, key }: { value: unknown; key: string }) =>
      value === undefined ? undefined : MetadataFilter.parse(parseText(value, key), key),
    ),
    IsOptional(),
    Allow(),
  );

function parseText(value: unknown, key: string): unknown {
  try {
    if (typeof value === 'string') return JSON.parse(value);
  } catch {
    // Said below.
  }
  const detail = 'must be one JSON object';
  throw new AppError('invalid_filter', `${key} ${detail}.`, {
    errors: [{ field: key, code: 'filter_shape', detail }],
  });
}
