import { Injectable } from '@nestjs/common';
import { CollectionsService } from '../../collections/collections.service.js';
import type { Caller } from '../../collections/collections.types.js';
import { notFound } from '../../common/errors/app-error.js';
import { Places } from '../../common/resilience/places.js';
import { DocumentsRepository } from '../documents.repository.js';
import type { DocumentRow } from '../documents.types.js';
import { DocumentChanges } from './document-changes.service.js';
import { DocumentChangesRepository } from './document-changes.repository.js';
import { NOTHING_YET, type EndReason, type FollowedScope } from './document-events.types.js';
import { EventPlaces } from './event-places.service.js';
import { FollowedDocuments } from './followed-documents.js';
import { ReadableCollections } from './readable-collections.js';

/** Documents told at once; the next ones come when the reader took these. */
const BATCH = 50;
/** Changes that are looked through for a client that comes back. */
const MOST_CAUGHT_UP = 10_000;
const CHECK_MS = 1000;

export type DocumentEvent = { id?: string | undefined } & (
  | { kind: 'document'; document: DocumentRow }
  | { kind: 'deleted'; documentId: string; collectionId: string }
  /** More happened than can be told, or other collections may be read: what was known may be out of date. */
  | { kind: 'reset' }
  /** Nothing to tell: only where the reader stands. */
  | { kind: 'place' }
  | { kind: 'end'; reason: EndReason }
);

export interface FollowRequest extends FollowedScope {
  caller: Caller;
  /** Where the client was when its last stream ended. */
  lastEventId?: string | undefined;
  /** Whether the credential of the request is still good. */
  stillSignedIn(): Promise<boolean>;
}

export interface FollowedStream {
  events: AsyncIterable<DocumentEvent>;
  /** To be called when the reader is gone. */
  leave(): void;
  /** Called once when the stream has to end although its reader may not be taking anything. */
  onEnd(listener: () => void): void;
}

/** Tells readers how far documents are, as long as they may read them. */
@Injectable()
export class DocumentEventsService {
  private readonly openStreams = new Places(
    { ofAUser: 20, atOnce: 2000 },
    { detail: 'Too many streams of events are open. Close one first.', retryAfter: 5 },
  );

  constructor(
    private readonly documents: DocumentsRepository,
    private readonly collections: CollectionsService,
    private readonly changes: DocumentChanges,
    private readonly log: DocumentChangesRepository,
    private readonly eventPlaces: EventPlaces,
  ) {}

  /** @throws AppError `not_found` for what may not be read, `too_many_requests` with too many streams open */
  async follow(request: FollowRequest): Promise<FollowedStream> {
    const { caller, documentId, collectionId } = request;
    const scope: FollowedScope = { documentId, collectionId };
    const { readable, document } = await this.requireReadable(request);
    const release = this.openStreams.take(caller.id);
    const followed = new FollowedDocuments(scope, NOTHING_YET);
    followed.home = document?.collection_id;
    if (documentId === undefined && collectionId === undefined)
      followed.readable = new ReadableCollections(readable);
    let onEnd = (): void => undefined;
    const check = setInterval(() => void this.check(request, followed), CHECK_MS);
    const close = (): void => {
      clearInterval(check);
      this.changes.leave(followed);
      release();
    };
    try {
      followed.position = await this.changes.listen(followed);
      const resumed = await this.catchUp(followed, request, readable);
      const end = followed.end.bind(followed);
      followed.end = (reason) => {
        end(reason);
        onEnd();
      };
      return {
        events: this.events(followed, request, resumed, close),
        leave: () => followed.end('left'),
        onEnd: (listener) => (onEnd = listener),
      };
    } catch (error) {
      close();
      throw error;
    }
  }

  /** @returns the collections that may be read, and the one document @throws AppError `not_found` */
  async requireReadable({
    caller,
    documentId,
    collectionId,
  }: FollowedScope & { caller: Caller }): Promise<{ readable: string[]; document: DocumentRow | undefined }> {
    const readable = await this.collections.accessibleIds(caller);
    if (collectionId !== undefined && !readable.includes(collectionId)) throw notFound('collection');
    const document = documentId === undefined ? undefined : await this.documents.find(documentId, readable);
    if (documentId !== undefined && !document) throw notFound('document');
    return { readable, document };
  }

  /** Lines up what the client does not know. @returns false when it has to forget what it knew */
  private async catchUp(
    followed: FollowedDocuments,
    request: FollowRequest,
    readable: readonly string[],
  ): Promise<boolean> {
    const last = this.eventPlaces.parse(request.lastEventId, request.caller.id);
    // What may be read now and could not then, or the other way round, is among no changes.
    const sameReadable = last?.readable === (followed.readable?.mark ?? last?.readable);
    if (last && sameReadable && (await this.log.reachesBackTo(last.position))) {
      const missed = await this.log.after(last.position, MOST_CAUGHT_UP);
      if (missed.length < MOST_CAUGHT_UP) {
        for (const change of missed) if (readable.includes(change.collectionId)) followed.add(change);
        return true;
      }
    }
    const scope = request.collectionId === undefined ? readable : [request.collectionId];
    const open =
      request.documentId === undefined
        ? await this.documents.unfinished(scope)
        : [{ id: request.documentId, collection_id: followed.home ?? '' }];
    for (const { id, collection_id } of open) followed.pending.set(id, collection_id);
    return request.lastEventId === undefined;
  }

  private async *events(
    followed: FollowedDocuments,
    request: FollowRequest,
    resumed: boolean,
    close: () => void,
  ): AsyncGenerator<DocumentEvent> {
    try {
      if (!resumed) yield { kind: 'reset' };
      // Whoever comes back before anything happened misses nothing either. Else the last of what waits says it.
      if (followed.pending.size === 0 && !followed.overflowed)
        yield { kind: 'place', id: this.placeOf(followed, request) };
      while (!followed.ended) {
        if (followed.overflowed) {
          followed.startOver();
          yield { kind: 'reset', id: this.placeOf(followed, request) };
        }
        yield* this.batch(followed, request);
        await followed.something();
      }
      if (followed.ended !== 'left') yield { kind: 'end', reason: followed.ended };
    } finally {
      close();
    }
  }

  private async *batch(followed: FollowedDocuments, request: FollowRequest): AsyncGenerator<DocumentEvent> {
    const taken = followed.take(BATCH);
    if (taken.size === 0) return;
    const { position } = followed;
    const readable = await this.collections.readableAmong(request.caller, undefined);
    const rows = await this.documents.findMany([...taken.keys()], readable);
    const found = new Map(rows.map((row) => [row.id, row]));
    const events: DocumentEvent[] = [];
    for (const [documentId, collectionId] of taken) {
      const document = found.get(documentId);
      const wanted = followed.scope.collectionId ?? document?.collection_id;
      if (document && document.collection_id === wanted) {
        if (followed.scope.documentId !== undefined) followed.home = document.collection_id;
        events.push({ kind: 'document', document });
      }
      // Nothing is said of a document in a collection that cannot be read any more.
      else if (readable.includes(collectionId)) events.push({ kind: 'deleted', documentId, collectionId });
    }
    const last = events.at(-1);
    // Only the last event carries the place, and only when nothing older waits: who comes back misses nothing.
    if (last && followed.pending.size === 0) last.id = this.placeOf(followed, request, position);
    for (const event of events) {
      if (followed.ended) return;
      yield event;
      if (event.kind === 'deleted' && followed.scope.documentId !== undefined) followed.end('deleted');
    }
  }

  private placeOf(
    followed: FollowedDocuments,
    { caller }: FollowRequest,
    position = followed.position,
  ): string {
    return this.eventPlaces.format({ position, readable: followed.readable?.mark ?? '' }, caller.id);
  }

  private async check(request: FollowRequest, followed: FollowedDocuments): Promise<void> {
    try {
      if (!(await request.stillSignedIn())) return followed.end('signed_out');
      const readable = await this.collections.readableAmong(request.caller, undefined);
      const home = request.collectionId ?? followed.home;
      if (home !== undefined && !readable.includes(home)) followed.end('access_lost');
      // Not on the word of an answer that may be older than the stream.
      if (followed.readable?.are(readable) === false)
        followed.noteReadable(await this.collections.accessibleIds(request.caller));
    } catch {
      // The database is away: whether the reader may go on is decided when it is back.
    }
  }
}
