export interface StoredFile {
  key: string;
  bytes: number;
  sha256: Buffer;
}
