export interface Found {
  found: number;
  /** Of these, put right in this run. */
  mended: number;
  /** A few of them. */
  examples: string[];
}

/** What a comparison of the database with the stores beside it came to. */
export interface ReconcileReport {
  /** Stored files that belong to no version: keys. */
  orphan_files: Found;
  /** Versions whose stored file is gone: ids. Only an upload brings it back. */
  missing_files: Found;
  /** Vectors of versions that nobody can see: ids of the versions. */
  orphan_vectors: Found;
  /** Versions that count as whole in the vector index and are not: ids. */
  missing_vectors: Found;
  /** Versions that nobody can see and the word index holds: ids. */
  orphan_words: Found;
  /** Versions that are shown and the word index lacks, or some of their passages: ids. */
  missing_words: Found;
  /** Versions that are neither shown, nor waiting, nor being removed: ids. */
  stray_versions: Found;
  /** Users whose usage was counted wrongly: ids. */
  wrong_usage: Found;
  /** Vector indexes of former encoders that were dropped. */
  dropped_indexes: number;
}

export interface ReconciliationRow {
  id: string;
  dry_run: boolean;
  requested_by: string | null;
  created_at: Date;
  finished_at: Date | null;
  error: string | null;
  report: ReconcileReport | null;
}
