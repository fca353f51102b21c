import { Readable } from 'node:stream';
import { Controller, Get, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { NDJSON } from '../../common/http/ndjson.js';
import { endWhenStalled } from '../../common/http/stalled.js';
import { ApiProblems } from '../../common/http/api-problems.js';
import { RateLimited } from '../../common/http/rate-limit.js';
import { IdParam } from '../../common/http/uuid-param.js';
import { AdminMayPass, KeyScope } from '../../common/security/access.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import { CurrentUser } from '../../common/security/current-user.js';
import type { LiveRequest } from '../../common/security/live-request.js';
import { ExportService } from './export.service.js';

/** Stands here and not beside the collections because it is their documents that go out. */
@ApiTags('Collections')
@ApiProblems('unauthenticated', 'too_many_requests', 'not_found')
@AdminMayPass()
@Controller('collections')
export class ExportController {
  constructor(private readonly exports: ExportService) {}

  @Get(':id/export')
  @KeyScope('documents:read')
  @RateLimited('expensive')
  @ApiOperation({
    summary: 'Write out a collection',
    description:
      'Lines of JSON with everything about its documents: metadata, texts, passages and original bytes (docs/transfer.md). A file that cannot be read is left out, which its document says and the last line counts. An export that was cut off lacks the last line, `{"type":"end"}`.',
  })
  @ApiProduces(NDJSON)
  @ApiOkResponse({ content: { [NDJSON]: { schema: { type: 'string' } } } })
  async export(
    @CurrentUser() user: AuthUser,
    @IdParam('id', 'collection') id: string,
    @Req() request: LiveRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const mayGoOn = () => request.mayGoOn?.() ?? Promise.resolve(false);
    const { name, lines, leave } = await this.exports.open(user, id, mayGoOn);
    response.once('close', leave);
    if (response.destroyed) leave();
    endWhenStalled(response);
    response.attachment(`${name}.ndjson`);
    // The name alone would make it a file of unknown type.
    response.type(NDJSON);
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    return new StreamableFile(Readable.from(lines), { type: NDJSON });
  }
}
