/** Reads a file that was accepted; its data is `{ version_id }`, and so is its id. */
export const INGEST_JOB = 'documents.ingest';

/** Removes what `removable_versions` lists from the indexes, the file store and the tables. */
export const REMOVE_JOB = 'documents.remove';
