import { Body, Controller, HttpCode, Post, Req, UseGuards } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { ApiProblems } from '../../common/http/api-problems.js';
import { RateLimited } from '../../common/http/rate-limit.js';
import { Public } from '../../common/security/access.js';
import { AuthCookies, AUTH_PATH } from '../http/auth-cookies.js';
import { OriginGuard } from '../http/origin.guard.js';
import { AccountRequests } from './account-requests.service.js';
import { PasswordReset } from './password-reset.service.js';
import { AddressDto, AskedDto, PasswordResetDto, ResetPasswordDto } from './recovery.dto.js';

@ApiTags('Account')
@ApiProblems('validation_failed', 'origin_not_allowed', 'too_many_requests')
@Public()
@UseGuards(OriginGuard)
@RateLimited('auth')
@Controller(`${AUTH_PATH}/password`)
export class RecoveryController {
  constructor(
    private readonly requests: AccountRequests,
    private readonly resets: PasswordReset,
    private readonly cookies: AuthCookies,
  ) {}

  @Post('forgot')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Ask for a mail to choose a new password',
    description: 'The answer is the same for every address. The mail is sent where there is an account.',
  })
  @ApiAcceptedResponse({ type: AskedDto })
  async forgot(@Body() { email }: AddressDto, @Req() request: Request): Promise<AskedDto> {
    await this.requests.forgot(email, this.cookies.client(request));
    return { status: 'accepted' };
  }

  @Post('reset')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Choose a new password with the token of a mail',
    description:
      'Ends all sessions, and confirms the address. A second factor stays and is asked for at sign-in, unless it was set up before the address was confirmed: then whoever did loses it with all else.',
  })
  @ApiOkResponse({ type: PasswordResetDto })
  @ApiProblems('validation_failed', 'invalid_token', 'weak_password', 'conflict', 'service_unavailable')
  async reset(@Body() body: ResetPasswordDto, @Req() request: Request): Promise<PasswordResetDto> {
    await this.resets.reset(body.token, body.new_password, this.cookies.client(request));
    return { status: 'password_changed' };
  }
}
