import { Body, Controller, HttpCode, Post, Req, UseGuards } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { ApiProblems } from '../../common/http/api-problems.js';
import { RateLimited } from '../../common/http/rate-limit.js';
import { OptionalUser, Public, SessionOnly } from '../../common/security/access.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import { CurrentUser } from '../../common/security/current-user.js';
import { RecentSignIn } from '../../common/security/recent-sign-in.js';
import { AuthCookies, AUTH_PATH } from '../http/auth-cookies.js';
import { OriginGuard } from '../http/origin.guard.js';
import { AccountRequests } from './account-requests.service.js';
import { AddressChange } from './address-change.service.js';
import { AddressProofs } from './address-proof.service.js';
import {
  AddressDto,
  AskedDto,
  EmailChangedDto,
  EmailVerifiedDto,
  TokenDto,
  VerifyEmailDto,
} from './recovery.dto.js';

@ApiTags('Account')
@ApiProblems('validation_failed', 'origin_not_allowed', 'too_many_requests')
@UseGuards(OriginGuard)
@RateLimited('auth')
@Controller(`${AUTH_PATH}/email`)
export class EmailController {
  constructor(
    private readonly proofs: AddressProofs,
    private readonly changes: AddressChange,
    private readonly requests: AccountRequests,
    private readonly cookies: AuthCookies,
  ) {}

  @Post('verify')
  @HttpCode(200)
  @OptionalUser()
  @ApiOperation({
    summary: 'Confirm an address with the token of a mail',
    description:
      'Completes a registration. Send its password, or the `registration` cookie of the browser that registered: without them nothing of it counts but the address, and a mail for choosing a password follows. For an account that is in use already, send its access token, the `device` cookie of a browser that is signed in, or its password; without one of these it goes to who reads the address.',
  })
  @ApiOkResponse({ type: EmailVerifiedDto })
  @ApiProblems(
    'validation_failed',
    'invalid_token',
    'unauthenticated',
    'invalid_credentials',
    'service_unavailable',
  )
  async verify(
    @Body() body: VerifyEmailDto,
    @CurrentUser() user: AuthUser | undefined,
    @Req() request: Request,
  ): Promise<EmailVerifiedDto> {
    const shown = { signedIn: user?.id, mark: this.cookies.mark(request) };
    const kept = await this.proofs.verify(body, shown, this.cookies.client(request));
    return { status: 'verified', password_reset_required: !kept };
  }

  @Post('resend')
  @HttpCode(202)
  @Public()
  @ApiOperation({
    summary: 'Ask for another mail to confirm an address',
    description: 'The answer is the same for every address. The newest token replaces those before.',
  })
  @ApiAcceptedResponse({ type: AskedDto })
  async resend(@Body() { email }: AddressDto, @Req() request: Request): Promise<AskedDto> {
    await this.requests.resend(email, this.cookies.client(request));
    return { status: 'accepted' };
  }

  @Post('change')
  @HttpCode(202)
  @SessionOnly()
  @RecentSignIn()
  @ApiOperation({
    summary: 'Ask for another address of your account',
    description:
      'It is used from when it was confirmed. The present address is told at once. The answer is the same for every address. Ending any session of the account takes the request back.',
  })
  @ApiAcceptedResponse({ type: AskedDto })
  @ApiProblems('unauthenticated')
  async change(
    @Body() { email }: AddressDto,
    @CurrentUser() user: AuthUser,
    @Req() request: Request,
  ): Promise<AskedDto> {
    await this.changes.ask(user.id, email, this.cookies.client(request));
    return { status: 'accepted' };
  }

  @Post('change/confirm')
  @HttpCode(200)
  @OptionalUser()
  @ApiOperation({
    summary: 'Confirm the new address with the token of a mail',
    description:
      'With the access token of the account that asked for it, or the `device` cookie of a browser that is signed in to it.',
  })
  @ApiOkResponse({ type: EmailChangedDto })
  @ApiProblems('validation_failed', 'invalid_token', 'unauthenticated', 'forbidden', 'email_taken')
  async confirm(
    @Body() { token }: TokenDto,
    @CurrentUser() user: AuthUser | undefined,
    @Req() request: Request,
  ): Promise<EmailChangedDto> {
    await this.changes.confirm(token, user?.id, this.cookies.client(request));
    return { status: 'changed' };
  }
}
