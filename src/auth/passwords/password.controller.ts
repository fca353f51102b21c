import { Body, Controller, HttpCode, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ApiProblems } from '../../common/http/api-problems.js';
import { RateLimited } from '../../common/http/rate-limit.js';
import { SessionOnly } from '../../common/security/access.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import { RecentSignIn } from '../../common/security/recent-sign-in.js';
import { CurrentUser } from '../../common/security/current-user.js';
import { TokenResponse } from '../auth.dto.js';
import { AuthService } from '../auth.service.js';
import { AuthCookies, AUTH_PATH } from '../http/auth-cookies.js';
import { OriginGuard } from '../http/origin.guard.js';
import { ChangePasswordDto } from './password.dto.js';

@ApiTags('Sign-in')
@ApiProblems('validation_failed', 'unauthenticated', 'too_many_requests')
@SessionOnly()
@Controller(`${AUTH_PATH}/password`)
export class PasswordController {
  constructor(
    private readonly auth: AuthService,
    private readonly cookies: AuthCookies,
  ) {}

  @Post()
  @RecentSignIn()
  @HttpCode(200)
  @UseGuards(OriginGuard)
  @RateLimited('auth')
  @ApiOperation({
    summary: 'Change your password',
    description:
      'Ends all sessions, on this device too, and answers with a new one as signing in does: go on with its ' +
      '`access_token` and cookies.',
  })
  @ApiOkResponse({ type: TokenResponse })
  @ApiProblems(
    'weak_password',
    'invalid_credentials',
    'origin_not_allowed',
    'conflict',
    'service_unavailable',
  )
  async change(
    @CurrentUser() user: AuthUser,
    @Body() body: ChangePasswordDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<TokenResponse> {
    const change = { current: body.current_password, next: body.new_password };
    return this.cookies.issue(
      response,
      await this.auth.changePassword(user, change, this.cookies.client(request)),
    );
  }
}
