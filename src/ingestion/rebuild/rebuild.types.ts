export const REBUILDABLE = ['words', 'vectors'] as const;
export type Rebuildable = (typeof REBUILDABLE)[number];

/** Making an index again from the database. */
export interface RebuildRow {
  id: string;
  what: Rebuildable;
  /** Of vectors. */
  index_id: string | null;
  /** The store had nothing of it, or is another one: it answers nothing until it is whole. */
  lost: boolean;
  lined_up_through: string | null;
  lined_up: boolean;
  since: Date;
  /** What it waits for, or why it came to nothing. */
  detail: string | null;
  requested_by: string | null;
  created_at: Date;
  finished_at: Date | null;
  failed: boolean;
}

/** With the passages that are there again, and those that will be; null where that is not counted. */
export interface RebuildState extends RebuildRow {
  done: number | null;
  total: number | null;
}
