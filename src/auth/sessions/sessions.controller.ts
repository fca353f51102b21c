import { Controller, Delete, Get, HttpCode, Query, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { ApiProblems } from '../../common/http/api-problems.js';
import { PageQuery } from '../../common/http/page.js';
import { IdParam } from '../../common/http/uuid-param.js';
import { SessionOnly } from '../../common/security/access.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import { CurrentUser } from '../../common/security/current-user.js';
import { AuthCookies, AUTH_PATH } from '../http/auth-cookies.js';
import { SessionPageDto } from './sessions.dto.js';
import { SessionsService } from './sessions.service.js';

@ApiTags('Sign-in')
@ApiProblems('unauthenticated', 'too_many_requests')
@SessionOnly()
@Controller(`${AUTH_PATH}/sessions`)
export class SessionsController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly cookies: AuthCookies,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Where you are signed in, newest first' })
  @ApiOkResponse({ type: SessionPageDto })
  @ApiProblems('validation_failed', 'invalid_cursor')
  async list(@CurrentUser() user: AuthUser, @Query() query: PageQuery): Promise<SessionPageDto> {
    return SessionPageDto.of(await this.sessions.page(user.id, query), user.sessionId);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'End one of your sessions' })
  @ApiNoContentResponse()
  @ApiProblems('not_found')
  async end(
    @CurrentUser() user: AuthUser,
    @IdParam('id', 'session') id: string,
    @Req() request: Request,
  ): Promise<void> {
    await this.sessions.endOwn(user.id, id, this.cookies.client(request));
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({ summary: 'End all your other sessions' })
  @ApiNoContentResponse()
  async endOthers(@CurrentUser() user: AuthUser, @Req() request: Request): Promise<void> {
    await this.sessions.endOthers(user.id, user.sessionId, this.cookies.client(request));
  }
}
