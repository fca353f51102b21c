/** A place in the order of changes: a transaction and a number in it, both as decimal text. */
export interface ChangePosition {
  xid: string;
  sequence: string;
}

export const NOTHING_YET: ChangePosition = { xid: '0', sequence: '0' };

export interface DocumentChange {
  position: ChangePosition;
  documentId: string;
  collectionId: string;
}

/** What somebody follows: one document, the documents of a collection, or all that may be read. */
export interface FollowedScope {
  documentId?: string | undefined;
  collectionId?: string | undefined;
}

/** Why a stream of events ends, as its last event tells. */
export type EndReason = 'deleted' | 'access_lost' | 'signed_out' | 'shutdown';
