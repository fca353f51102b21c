/**
 * Numbers of all advisory locks. The database has one space of numbers for them, so two purposes that share one wait for
 * each other. A number stays as it is for as long as its purpose exists: during an upgrade processes of both versions run
 * side by side and must exclude each other.
 */
export const ADVISORY_LOCKS = {
  /** Making the first administrator. */
  firstUser: 4_021_966_301,
  /** Making and dropping months of the audit log; taken by functions of the database. */
  auditMonths: 6_151_903_377,
  /** Whatever could take the last administrator away; also taken by a trigger. */
  lastAdministrator: 6_151_903_378,
  /** Taking numbers of the index log: they become visible in their order. */
  indexLog: 7_305_190_341,
  /** Taking numbers of stored vectors: the same. */
  vectorLog: 7_305_190_342,
  /** Making the tables of the `pg_textsearch` index. */
  wordTables: 7_305_190_343,
  /** Replacing segments by a merged one; apart from the index log, so that no writer waits for a merge. */
  segmentMerge: 7_305_190_344,
  /** Running and reverting migrations. */
  migrations: 7_305_190_346,
  /** Indexing again what no healthy segment holds. */
  segmentRepair: 7_305_190_345,
} as const;

/** Locks that are named by an SQL expression: `hashtext` gives 32 bits, which no number above fits into. */
export const NAMED_LOCKS = {
  /** Registering vector indexes, and deciding which one answers. */
  vectorIndexes: `hashtext('vector-indexes')`,
  /** Making the table of a vector index. */
  vectorTables: `hashtext('vector-index')`,
} as const;
