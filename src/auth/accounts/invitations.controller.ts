import { Body, Controller, HttpCode, Post, Req, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { ApiProblems } from '../../common/http/api-problems.js';
import { RateLimited } from '../../common/http/rate-limit.js';
import { Public } from '../../common/security/access.js';
import { AuthCookies, AUTH_PATH } from '../http/auth-cookies.js';
import { OriginGuard } from '../http/origin.guard.js';
import { AcceptInvitationDto, AcceptedDto } from './accounts.dto.js';
import { InvitationAcceptance } from './invitations.service.js';

@ApiTags('Account')
@ApiProblems('validation_failed', 'origin_not_allowed', 'too_many_requests')
@Public()
@UseGuards(OriginGuard)
@RateLimited('auth')
@Controller(`${AUTH_PATH}/invitations`)
export class InvitationsController {
  constructor(
    private readonly invitations: InvitationAcceptance,
    private readonly cookies: AuthCookies,
  ) {}

  @Post('accept')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Accept an invitation',
    description: 'Sets the password and confirms the address. The token works once.',
  })
  @ApiOkResponse({ type: AcceptedDto })
  @ApiProblems('validation_failed', 'invalid_token', 'weak_password', 'username_taken', 'service_unavailable')
  async accept(@Body() body: AcceptInvitationDto, @Req() request: Request): Promise<AcceptedDto> {
    await this.invitations.accept(body, this.cookies.client(request));
    return { status: 'accepted' };
  }
}
