/** What the index follows, in order of sequence. */
export type LogItem = SegmentItem | RetiredItem;

export interface SegmentItem {
  kind: 'segment';
  sequence: number;
  /** The range of sequences whose content the segment holds. */
  first: number;
  last: number;
  checksum: number;
  bytes: ArrayBuffer;
  /** Without documents: a barrier that merges do not cross, or, over a range, the end of all before it. */
  empty: boolean;
}

export interface RetiredItem {
  kind: 'retired';
  sequence: number;
  versionId: string;
}
