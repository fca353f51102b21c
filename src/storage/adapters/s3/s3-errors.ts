import { S3ServiceException } from '@aws-sdk/client-s3';
import { AppError, notFound } from '../../../common/errors/app-error.js';

/** Codes for what is not there. */
export const MISSING = new Set(['NoSuchKey', 'NotFound']);
const FULL = new Set(['QuotaExceeded', 'XMinioStorageFull', 'EntityTooLarge']);
/** Said of an object that has to be restored before it is read. */
export const ARCHIVED = 'InvalidObjectState';
/** What is said of an object that may be asked for again: a pause or a time-out, not a refusal. */
const NOT_NOW = new Set([408, 425, 429]);

export const unavailable = (cause: unknown): AppError =>
  new AppError('file_store_unavailable', 'The file store does not answer. Try again later.', { cause });

/** Access denied, archived, encrypted with a key that we have not: the bucket may be well all the same. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof S3ServiceException) || MISSING.has(error.name)) return false;
  const status = error.$metadata.httpStatusCode ?? 500;
  return status >= 400 && status < 500 && !NOT_NOW.has(status);
}

/** Of an upload that is over by now. */
export function ended(error: unknown): void {
  if (!(error instanceof S3ServiceException && error.name === 'NoSuchUpload')) throw error;
}

/** In the words of the port. */
export function meaning(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const name = error instanceof S3ServiceException ? error.name : '';
  if (MISSING.has(name)) return notFound('file');
  if (FULL.has(name))
    return new AppError('insufficient_storage', 'The file store is out of space.', { cause: error });
  return unavailable(error);
}
