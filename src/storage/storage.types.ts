import { AppError } from '../common/errors/app-error.js';

export interface StoredFile {
  key: string;
  bytes: number;
  sha256: Buffer;
}

/** A file as the store lists it. */
export interface FileEntry {
  key: string;
  bytes: number;
  modifiedAt: Date;
}

/** A file that is still there although it was to be deleted. */
export interface Undeleted {
  key: string;
  cause: unknown;
}

/** The store refuses this one file; whether it is well otherwise is another question, which a ping answers. */
export class FileUnreadable extends AppError {
  constructor(cause: unknown) {
    super('file_store_unavailable', 'The stored file cannot be read at the moment. Try again later.', {
      cause,
    });
  }
}
