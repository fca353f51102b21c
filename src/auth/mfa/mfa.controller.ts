import { Body, Controller, Get, HttpCode, Post, Req } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { Request } from 'express';
import { ApiProblems } from '../../common/http/api-problems.js';
import { RateLimited } from '../../common/http/rate-limit.js';
import { SessionOnly } from '../../common/security/access.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import { CurrentUser } from '../../common/security/current-user.js';
import { RecentSignIn } from '../../common/security/recent-sign-in.js';
import { AuthCookies, AUTH_PATH } from '../http/auth-cookies.js';
import { MfaEnrolment } from './mfa-enrolment.service.js';
import { MfaRemoval } from './mfa-removal.service.js';
import { ConfirmTotpDto, MfaStateDto, RecoveryCodesDto, RemoveTotpDto, TotpOfferDto } from './mfa.dto.js';

@ApiTags('Second factor')
@ApiProblems('unauthenticated', 'too_many_requests')
@SessionOnly()
@Controller(`${AUTH_PATH}/mfa`)
export class MfaController {
  constructor(
    private readonly mfa: MfaEnrolment,
    private readonly removal: MfaRemoval,
    private readonly cookies: AuthCookies,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Whether your account has a second factor' })
  @ApiOkResponse({ type: MfaStateDto })
  async state(@CurrentUser() user: AuthUser): Promise<MfaStateDto> {
    const { confirmedAt, recoveryCodes, required } = await this.mfa.state(user);
    return {
      enabled: confirmedAt !== null,
      enabled_at: confirmedAt?.toISOString() ?? null,
      recovery_codes_left: recoveryCodes,
      required,
    };
  }

  @Post('totp')
  @RecentSignIn()
  @ApiOperation({
    summary: 'Begin to set up an authenticator app',
    description:
      'Nothing changes before the secret was confirmed with a code. Asking again makes another secret.',
  })
  @ApiCreatedResponse({ type: TotpOfferDto })
  @ApiProblems('conflict')
  async offer(@CurrentUser() user: AuthUser): Promise<TotpOfferDto> {
    const { secret, uri } = await this.mfa.offer(user);
    return { secret, otpauth_uri: uri };
  }

  @Post('totp/confirm')
  @HttpCode(200)
  @RecentSignIn()
  @RateLimited('auth')
  @ApiOperation({
    summary: 'Turn the second factor on',
    description: 'From now on signing in needs a code. All other sessions end: none of them showed one.',
  })
  @ApiOkResponse({ type: RecoveryCodesDto })
  @ApiProblems('validation_failed', 'unauthenticated', 'invalid_code', 'conflict')
  async confirm(
    @CurrentUser() user: AuthUser,
    @Body() { code }: ConfirmTotpDto,
    @Req() request: Request,
  ): Promise<RecoveryCodesDto> {
    return { recovery_codes: await this.mfa.confirm(user, code, this.cookies.client(request)) };
  }

  @Post('recovery-codes')
  @HttpCode(200)
  @RecentSignIn()
  @ApiOperation({ summary: 'Make new recovery codes', description: 'Those before are void.' })
  @ApiOkResponse({ type: RecoveryCodesDto })
  @ApiProblems('conflict')
  async renew(@CurrentUser() user: AuthUser, @Req() request: Request): Promise<RecoveryCodesDto> {
    return { recovery_codes: await this.mfa.renewRecoveryCodes(user, this.cookies.client(request)) };
  }

  @Post('totp/remove')
  @HttpCode(204)
  @RecentSignIn()
  @RateLimited('auth')
  @ApiOperation({
    summary: 'Turn the second factor off',
    description: 'Only with a password that is long enough to stand alone: change a shorter one first.',
  })
  @ApiNoContentResponse()
  @ApiProblems(
    'validation_failed',
    'weak_password',
    'unauthenticated',
    'invalid_credentials',
    'forbidden',
    'conflict',
    'service_unavailable',
  )
  async remove(
    @CurrentUser() user: AuthUser,
    @Body() { password }: RemoveTotpDto,
    @Req() request: Request,
  ): Promise<void> {
    await this.removal.remove(user, password, this.cookies.client(request));
  }
}
