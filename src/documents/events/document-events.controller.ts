import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { ApiProblems } from '../../common/http/api-problems.js';
import { IdParam } from '../../common/http/uuid-param.js';
import { AdminMayPass, KeyScope } from '../../common/security/access.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import { CurrentUser } from '../../common/security/current-user.js';
import type { LiveRequest } from '../../common/security/live-request.js';
import { FollowDocumentsQuery } from './document-events.dto.js';
import { DocumentEventsService } from './document-events.service.js';
import { sendDocumentEvents } from './send-document-events.js';

const EVENTS =
  'Server-sent events. `document`: the state of a document, as `GET /documents/{id}` shows it, sent when it changes; ' +
  '`deleted`: `{id, collection_id}`; `reset`: what is known may be out of date, or other collections may be read, list again; `end`: `{reason}`, the last ' +
  'one: `deleted`, `access_lost`, `signed_out` or `shutdown`. A slow reader gets the newest state, not each one. With ' +
  '`Last-Event-ID` it goes on where the last stream ended, for an hour. A comment is sent every 15 seconds.';
const STREAM = { content: { 'text/event-stream': { schema: { type: 'string' as const } } } };

@ApiTags('Documents')
@ApiProblems('unauthenticated', 'validation_failed', 'too_many_requests', 'not_found')
@ApiHeader({
  name: 'Last-Event-ID',
  required: false,
  description: 'The `id` of the last event that was seen.',
})
@Controller('documents')
export class DocumentEventsController {
  constructor(private readonly events: DocumentEventsService) {}

  @Get('events')
  @KeyScope('documents:read')
  @AdminMayPass()
  @ApiOperation({
    summary: 'Follow the documents of a collection, or all that you may read',
    description: EVENTS,
  })
  @ApiProduces('text/event-stream')
  @ApiOkResponse(STREAM)
  async all(
    @CurrentUser() user: AuthUser,
    @Query() query: FollowDocumentsQuery,
    @Req() request: LiveRequest,
    @Res() response: Response,
  ): Promise<void> {
    await sendDocumentEvents(
      this.events,
      { caller: user, collectionId: query.collection_id },
      request,
      response,
    );
  }

  @Get(':id/events')
  @KeyScope('documents:read')
  @AdminMayPass()
  @ApiOperation({ summary: 'Follow a document', description: `Starts with its state. ${EVENTS}` })
  @ApiProduces('text/event-stream')
  @ApiOkResponse(STREAM)
  async one(
    @CurrentUser() user: AuthUser,
    @IdParam('id', 'document') id: string,
    @Req() request: LiveRequest,
    @Res() response: Response,
  ): Promise<void> {
    await sendDocumentEvents(this.events, { caller: user, documentId: id }, request, response);
  }
}
