import type { ChangeListener } from './document-changes.service.js';
import {
  type ChangePosition,
  type DocumentChange,
  type EndReason,
  type FollowedScope,
} from './document-events.types.js';
import { ReadableCollections } from './readable-collections.js';

/** More documents than this changed before a reader took any: it is told to look for itself. */
const MOST_PENDING = 10_000;

/**
 * What one reader has not been told yet: which documents changed, not how often, so that a slow reader costs no more
 * than a bounded set and gets the newest state.
 */
export class FollowedDocuments implements ChangeListener {
  readonly pending = new Map<string, string>();
  position: ChangePosition;
  /** Changes were let go because there were too many, or other collections may be read: all has to be looked up. */
  overflowed = false;
  ended: EndReason | 'left' | undefined;
  /** The collection of the one document that is followed. */
  home: string | undefined;
  /** What the reader knows that it may read; undefined where it follows something that it named. */
  readable: ReadableCollections | undefined;
  private nextReadable: ReadableCollections | undefined;
  private wake: (() => void) | undefined;

  constructor(
    readonly scope: FollowedScope,
    position: ChangePosition,
  ) {
    this.position = position;
  }

  onChanges(changes: readonly DocumentChange[], position: ChangePosition): void {
    for (const change of changes) this.add(change);
    this.position = position;
    if (this.pending.size > 0 || this.overflowed) this.wake?.();
  }

  add({ documentId, collectionId }: { documentId: string; collectionId: string }): void {
    const { scope } = this;
    if (scope.documentId !== undefined && scope.documentId !== documentId) return;
    if (scope.collectionId !== undefined && scope.collectionId !== collectionId) return;
    this.pending.set(documentId, collectionId);
    if (this.pending.size <= MOST_PENDING) return;
    this.pending.clear();
    this.overflowed = true;
  }

  /** What may be read now: where that is something else, the reader has to look for itself. */
  noteReadable(ids: readonly string[]): void {
    const known = this.nextReadable ?? this.readable;
    if (known === undefined || known.are(ids)) return;
    this.nextReadable = new ReadableCollections(ids);
    this.overflowed = true;
    this.wake?.();
  }

  /** The reader is told to look for itself: what it does not know after that is what comes from now on. */
  startOver(): void {
    this.overflowed = false;
    this.readable = this.nextReadable ?? this.readable;
    this.nextReadable = undefined;
  }

  onShutdown(): void {
    this.end('shutdown');
  }

  end(reason: EndReason | 'left'): void {
    this.ended ??= reason;
    this.wake?.();
  }

  /** Resolves when there is something to tell, or it ended. */
  async something(): Promise<void> {
    if (this.pending.size > 0 || this.overflowed || this.ended) return;
    await new Promise<void>((resolve) => (this.wake = resolve));
    this.wake = undefined;
  }

  take(count: number): Map<string, string> {
    const taken = new Map([...this.pending].slice(0, count));
    for (const id of taken.keys()) this.pending.delete(id);
    return taken;
  }
}
