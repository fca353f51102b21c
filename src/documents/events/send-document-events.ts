import type { Response } from 'express';
import { EventStream, sendEvents, type ServerEvent } from '../../common/http/sse.js';
import type { LiveRequest } from '../../common/security/live-request.js';
import { DocumentDto } from '../documents.dto.js';
import type { DocumentEvent, DocumentEventsService, FollowRequest } from './document-events.service.js';

/** Opens a stream of events for a request and sends it until either side ends it; `HEAD` only asks whether there is one. */
export async function sendDocumentEvents(
  service: DocumentEventsService,
  wanted: Pick<FollowRequest, 'caller' | 'documentId' | 'collectionId'>,
  request: LiveRequest,
  response: Response,
): Promise<void> {
  if (request.method === 'HEAD') {
    await service.requireReadable(wanted);
    EventStream.begin(response).end();
    return;
  }
  const stream = await service.follow({
    ...wanted,
    lastEventId: request.get('last-event-id'),
    stillSignedIn: () => request.stillSignedIn?.() ?? Promise.resolve(false),
  });
  response.once('close', () => stream.leave());
  if (response.destroyed) stream.leave();
  // Somebody who may not read any more does not get the rest by reading slowly.
  stream.onEnd(() => {
    if (response.writableNeedDrain) response.destroy();
  });
  await sendEvents(toServerEvents(stream.events), request, response, { atOnce: true });
}

async function* toServerEvents(events: AsyncIterable<DocumentEvent>): AsyncGenerator<ServerEvent> {
  for await (const event of events) yield { id: event.id, ...toServerEvent(event) };
}

function toServerEvent(event: DocumentEvent): ServerEvent {
  switch (event.kind) {
    case 'document':
      return { event: 'document', data: DocumentDto.of(event.document) };
    case 'deleted':
      return { event: 'deleted', data: { id: event.documentId, collection_id: event.collectionId } };
    case 'place':
      return {};
    case 'reset':
      return { event: 'reset', data: {} };
    default:
      return { event: 'end', data: { reason: event.reason } };
  }
}
