import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { ApiProblems } from '../common/http/api-problems.js';
import { NDJSON, sendLines } from '../common/http/ndjson.js';
import { endWhenStalled } from '../common/http/stalled.js';
import { originOf } from '../common/security/request-origin.js';
import { AllCollections, KeyScope, Roles } from '../common/security/access.js';
import type { AuthUser } from '../common/security/auth-user.js';
import { CurrentUser } from '../common/security/current-user.js';
import { whileItMayGoOn, type LiveRequest } from '../common/security/live-request.js';
import { AuditEventDto, AuditExportQuery, AuditPageDto, AuditQuery } from './audit.dto.js';
import { AuditLog } from './audit-log.service.js';

@ApiTags('Admin')
@ApiProblems('unauthenticated', 'validation_failed', 'too_many_requests')
@Roles('admin')
@AllCollections()
@Controller('admin/audit')
export class AuditController {
  constructor(private readonly log: AuditLog) {}

  @Get()
  @KeyScope('admin:read')
  @ApiOperation({ summary: 'What happened to access, newest first' })
  @ApiOkResponse({ type: AuditPageDto })
  async list(@Query() query: AuditQuery): Promise<AuditPageDto> {
    const page = await this.log.page(AuditExportQuery.filter(query), query);
    return { ...page, items: page.items.map((row) => AuditEventDto.of(row)) };
  }

  @Get('export')
  @KeyScope('admin:read')
  @ApiOperation({
    summary: 'Download what matches, one JSON document on each line',
    description: 'Takes the same filters as the list. Newest first.',
  })
  @ApiProduces(NDJSON)
  @ApiOkResponse({ content: { [NDJSON]: { schema: { type: 'string' } } } })
  async export(
    @CurrentUser() user: AuthUser,
    @Query() query: AuditExportQuery,
    @Req() request: LiveRequest,
    @Res() response: Response,
  ): Promise<void> {
    response.attachment('audit.ndjson');
    endWhenStalled(response);
    const open = async () =>
      whileItMayGoOn(request, await this.log.export(AuditExportQuery.filter(query), user, originOf(request)));
    await sendLines(open, response);
  }
}
