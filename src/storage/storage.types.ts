import { AppError } from '../common/errors/app-error.js';

/** What keys begin with: a list of all files is made one part at a time. */
export const SHARDS = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

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

/** The store belongs to another database, or is not the one that holds the files of this one: it is only read. */
export class NotOurStore extends AppError {
  constructor(reason: string) {
    super(
      'file_store_unavailable',
      'The file store is not the one that belongs to this server. An administrator has to look at it.',
      { cause: new Error(reason) },
    );
  }
}
