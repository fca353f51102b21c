import type { Caller } from '../collections/collections.types.js';
import { AppError } from '../common/errors/app-error.js';

/**
 * Whose conversations and answers the caller may see. They may hold words of any collection the user reads, so a
 * credential that is limited to some collections sees none. @throws AppError `key_not_allowed`
 */
export function ownerOf(caller: Caller): string {
  if (caller.onlyCollections)
    throw new AppError(
      'key_not_allowed',
      'A key that is limited to collections cannot see what was answered.',
    );
  return caller.id;
}
