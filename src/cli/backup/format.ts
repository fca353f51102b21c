import { StartError } from '../../config/config-error.js';

/** The parts of a data directory that a backup holds; whatever else is in it can be had again. */
export const PARTS = ['secrets', 'files', 'postgres'] as const;

/** What files and folders in an archive may be called; whatever has another name is somebody else's. */
export const PLAIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}$/;

/** First and last entry of an archive. */
export const HEAD = 'backup.json';
export const END = 'backup-end.json';

export const FORMAT = 1;

/** Tells what an archive holds before any of it is read. */
export interface BackupHead {
  product: 'ai-backend';
  format: number;
  /** Of the software that made it. */
  version: string;
  created_at: string;
  /** The last one that had run: software that does not know it is too old to open the database. */
  migration: string | null;
  /** `elsewhere`: in a bucket, which is backed up by its own means. */
  files: 'included' | 'elsewhere';
  /** Variables whose secrets came from the environment and are therefore not in it. */
  secrets_from_environment: string[];
}

/** Proves that an archive is whole. */
export interface BackupEnd {
  entries: number;
  /** Of all files. */
  bytes: number;
  /** SHA-256 over kind, size, SHA-256 and name of each entry, a line each. */
  sha256: string;
}

/** One line for the operator; nothing else went wrong. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

/** What the operator can mend, in one line; undefined for a fault of ours. */
export function reasonOf(error: unknown): string | undefined {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const isKnown = error instanceof BackupError || error instanceof StartError || /^E[A-Z]+$/.test(code);
  if (isKnown) return message;
  return /connection (?:terminated|error)/i.test(message)
    ? 'the server ended meanwhile; try again'
    : undefined;
}
