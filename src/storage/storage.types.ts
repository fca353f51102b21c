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
