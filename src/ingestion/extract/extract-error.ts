import { DOCUMENT_ERRORS, type DocumentErrorCode } from '../../common/errors/error-table.js';

/** Why a file cannot be read; `detail` is shown to its owner. */
export class ExtractError extends Error {
  override readonly name = 'ExtractError';

  constructor(
    readonly code: DocumentErrorCode,
    readonly detail: string = DOCUMENT_ERRORS[code],
  ) {
    super(`${code}: ${detail}`);
  }
}
