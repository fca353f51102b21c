import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { AppError } from '../../common/errors/app-error.js';
import { ApiProblems } from '../../common/http/api-problems.js';
import { bodyOf, IdempotentStream } from '../../common/http/idempotency-stream.js';
import { Takes } from '../../common/http/media-type.guard.js';
import { NDJSON } from '../../common/http/ndjson.js';
import { RateLimited } from '../../common/http/rate-limit.js';
import { IdParam } from '../../common/http/uuid-param.js';
import { AdminMayPass, KeyScope } from '../../common/security/access.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import { CurrentUser } from '../../common/security/current-user.js';
import type { LiveRequest } from '../../common/security/live-request.js';
import { ImportService, type Imported } from './import.service.js';

export class ImportedDto implements Imported {
  @ApiProperty({ description: 'Documents that were made or replaced.' })
  documents!: number;

  @ApiProperty({
    description: 'Of these, files that had not been read when they were exported; they are read now.',
  })
  unread!: number;

  @ApiProperty({
    description:
      'Files that had never been read and whose bytes were lost before the export: nothing can be made of them.',
  })
  empty!: number;

  @ApiProperty()
  chunks!: number;
}

const TEXT = 'The main span measures 504 metres.';
/** One document of one passage. */
const EXAMPLE = [
  {
    type: 'collection',
    format: 1,
    name: 'Bridges',
    description: null,
    exported_at: '2026-11-25T09:30:00.000Z',
  },
  {
    type: 'document',
    doc_id: 'bridge/1',
    title: 'Bridge facts',
    mime: 'text/plain',
    metadata: { kind: 'bridge' },
    sha256: '118d53f170dbc2d5b05d3b527f5c54d111dd0de95f9276057b67785d85f5670a',
    original: 'text',
    chunks: 1,
  },
  { type: 'text', text: TEXT },
  {
    type: 'chunk',
    ordinal: 0,
    text: TEXT,
    search_text: TEXT,
    char_start: 0,
    char_end: TEXT.length,
    page: null,
    heading_path: [],
    token_count: 9,
  },
  { type: 'end_document' },
  { type: 'end', documents: 1 },
]
  .map((record) => `${JSON.stringify(record)}\n`)
  .join('');

@ApiTags('Collections')
@ApiProblems('unauthenticated', 'validation_failed', 'too_many_requests', 'not_found', 'forbidden')
@AdminMayPass()
@Controller('collections')
export class ImportController {
  constructor(private readonly imports: ImportService) {}

  @Post(':id/import')
  @HttpCode(200)
  @KeyScope('documents:write')
  @IdempotentStream()
  @RateLimited('expensive')
  @ApiOperation({
    summary: 'Bring an export back',
    description:
      'Takes what `GET /collections/{id}/export` gave. Found by words when it answers; vectors follow. Documents with the same doc_id are replaced. What came before a line that cannot be read stays.',
  })
  @Takes(NDJSON)
  @ApiBody({ schema: { type: 'string', example: EXAMPLE } })
  @ApiOkResponse({ type: ImportedDto })
  @ApiProblems('unsupported_media_type', 'payload_too_large', 'quota_exceeded', 'insufficient_storage')
  async import(
    @CurrentUser() user: AuthUser,
    @IdParam('id', 'collection') id: string,
    @Req() request: LiveRequest,
  ): Promise<ImportedDto> {
    if (!request.is(NDJSON)) throw new AppError('unsupported_media_type', `Send ${NDJSON}.`);
    const mayGoOn = () => request.mayGoOn?.() ?? Promise.resolve(false);
    return this.imports.import(user, id, bodyOf(request), mayGoOn);
  }
}
