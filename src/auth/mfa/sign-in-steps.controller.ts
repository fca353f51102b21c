import { Body, Controller, HttpCode, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ApiProblems } from '../../common/http/api-problems.js';
import { RateLimited } from '../../common/http/rate-limit.js';
import { Public, SessionOnly } from '../../common/security/access.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import { CurrentUser } from '../../common/security/current-user.js';
import { TokenResponse } from '../auth.dto.js';
import { Settings } from '../../config/settings.js';
import { AuthCookies, AUTH_PATH } from '../http/auth-cookies.js';
import { OriginGuard } from '../http/origin.guard.js';
import { FactorProofDto, ReauthenticateDto, ReauthenticatedDto, SecondStepDto } from './mfa.dto.js';
import { MfaSignIn } from './mfa-sign-in.service.js';
import { Reauthentication } from './reauthentication.service.js';
import { AuthTokens } from '../tokens/auth-tokens.service.js';

@ApiTags('Sign-in')
@ApiProblems('validation_failed', 'origin_not_allowed', 'too_many_requests')
@UseGuards(OriginGuard)
@RateLimited('auth')
@Controller(AUTH_PATH)
export class SignInStepsController {
  constructor(
    private readonly mfa: MfaSignIn,
    private readonly reauthentication: Reauthentication,
    private readonly cookies: AuthCookies,
    private readonly tokens: AuthTokens,
    private readonly settings: Settings,
  ) {}

  @Post('login/mfa')
  @HttpCode(200)
  @Public()
  @ApiOperation({
    summary: 'Second step of signing in',
    description:
      'With the `mfa_token` of the first step, within five minutes. Answers and sets cookies as signing in does.',
  })
  @ApiOkResponse({ type: TokenResponse })
  @ApiProblems('invalid_mfa_token', 'invalid_code')
  async secondStep(
    @Body() body: SecondStepDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<TokenResponse> {
    const client = this.cookies.client(request);
    const signedIn = await this.mfa.complete(body.mfa_token, FactorProofDto.required(body), client);
    return this.cookies.issue(response, signedIn);
  }

  @Post('reauthenticate')
  @HttpCode(200)
  @SessionOnly()
  @ApiOperation({
    summary: 'Show your password again',
    description:
      'Sensitive changes need a sign-in that is not older than `RECENT_SIGN_IN`; this makes it recent again. With a second factor, a code is needed too. A new session takes the place of the present one: go on with the `access_token` and cookies of this answer.',
  })
  @ApiOkResponse({ type: ReauthenticatedDto })
  @ApiProblems('unauthenticated', 'invalid_credentials', 'invalid_code', 'service_unavailable')
  async reauthenticate(
    @CurrentUser() user: AuthUser,
    @Body() body: ReauthenticateDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ReauthenticatedDto> {
    const client = this.cookies.client(request);
    const proof = FactorProofDto.proof(body);
    const opened = await this.reauthentication.confirm(user, body.password, proof, client);
    const tokens = this.cookies.issue(response, this.tokens.issue(opened));
    return Object.assign(tokens, { status: 'confirmed' as const, recent_for: this.settings.recentSignIn });
  }
}
