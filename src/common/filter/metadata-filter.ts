import { AppError } from '../errors/app-error.js';
import type { Condition } from './condition.js';
import { toJsonPath } from './jsonpath.js';
import { parseFilter } from './parse-filter.js';

/**
 * Which documents are asked for, by their metadata (docs/filters.md). Every index applies it in PostgreSQL as
 * `documents.metadata @@ $n::jsonpath`, so that all of them mean the same.
 */
export class MetadataFilter {
  private constructor(readonly jsonPath: string) {}

  /**
   * @param value JSON as it came
   * @param at where it stood in the request, such as `filter`
   * @returns undefined for a filter that asks for nothing, `{}`
   * @throws AppError `invalid_filter` with the position of each mistake in `errors`
   */
  static parse(value: unknown, at = 'filter'): MetadataFilter | undefined {
    const { condition, errors } = parseFilter(value, at);
    const first = errors[0];
    if (first) throw new AppError('invalid_filter', `${first.field} ${first.detail}.`, { errors });
    return isEverything(condition) ? undefined : new MetadataFilter(toJsonPath(condition));
  }
}

const isEverything = (condition: Condition): boolean => condition.kind === 'all' && condition.of.length === 0;
