import { Body, Controller, Get, HttpCode, Post, Req, Res, UseGuards, applyDecorators } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiExtraModels,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiSecurity,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ApiProblems } from '../common/http/api-problems.js';
import { RateLimited } from '../common/http/rate-limit.js';
import { Public, SessionOnly } from '../common/security/access.js';
import { CurrentUser } from '../common/security/current-user.js';
import {
  LoggedOutDto,
  LoginDto,
  MeDto,
  MfaRequiredDto,
  RegisterDto,
  RegisteredDto,
  RegistrationTakenDto,
  TokenResponse,
} from './auth.dto.js';
import { AuthService } from './auth.service.js';
import type { Principal } from './auth.types.js';
import { AuthCookies, AUTH_PATH, CSRF_HEADER } from './http/auth-cookies.js';
import { bearerOf } from './http/credentials.js';
import { OriginGuard } from './http/origin.guard.js';
import { RegistrationService } from './registration.service.js';

/** A route that a browser's cookies speak for; it checks them itself. */
const CookieRoute = (): MethodDecorator =>
  applyDecorators(
    Public(),
    UseGuards(OriginGuard),
    ApiHeader({ name: CSRF_HEADER, required: false, description: 'The `csrf_token` from signing in.' }),
  );

@ApiTags('Sign-in')
@ApiProblems('validation_failed', 'too_many_requests')
@Controller(AUTH_PATH)
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly registration: RegistrationService,
    private readonly cookies: AuthCookies,
  ) {}

  @Post('register')
  @Public()
  @UseGuards(OriginGuard)
  @RateLimited('auth')
  @ApiOperation({ summary: 'Make an account' })
  @ApiCreatedResponse({ type: RegisteredDto })
  @ApiAcceptedResponse({
    type: RegistrationTakenDto,
    description:
      'With `REQUIRE_EMAIL_VERIFICATION`, whether or not the address has an account: a mail follows. Sets the cookie `registration`, by which POST /auth/email/verify knows the browser again.',
  })
  @ApiProblems(
    'validation_failed',
    'weak_password',
    'registration_closed',
    'origin_not_allowed',
    'email_taken',
    'username_taken',
    'service_unavailable',
  )
  async register(
    @Body() body: RegisterDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RegisteredDto | RegistrationTakenDto> {
    const mark = this.cookies.markFor(request);
    const user = await this.registration.register(body, mark, this.cookies.client(request));
    if (user) return RegisteredDto.of(user);
    this.cookies.keepMark(response, mark);
    response.status(202);
    return { status: 'created' };
  }

  @Post('login')
  @HttpCode(200)
  @Public()
  @UseGuards(OriginGuard)
  @RateLimited('auth')
  @ApiOperation({
    summary: 'Sign in with e-mail or username',
    description:
      'With a second factor, the answer is `mfa_required` and the second step POST /auth/login/mfa. ' +
      'Also sets the cookies `refresh_token` (only for /auth), `csrf_token` and `device`.',
  })
  @ApiExtraModels(TokenResponse, MfaRequiredDto)
  @ApiOkResponse({
    schema: { oneOf: [{ $ref: getSchemaPath(TokenResponse) }, { $ref: getSchemaPath(MfaRequiredDto) }] },
  })
  @ApiProblems('invalid_credentials', 'account_disabled', 'origin_not_allowed', 'service_unavailable')
  async login(
    @Body() body: LoginDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<TokenResponse | MfaRequiredDto> {
    const client = this.cookies.client(request);
    const signedIn = await this.auth.login(
      LoginDto.loginName(body),
      body.password,
      LoginDto.labels(body),
      client,
    );
    if ('mfaToken' in signedIn) return MfaRequiredDto.of(signedIn.mfaToken);
    return this.cookies.issue(response, signedIn);
  }

  @Post('refresh')
  @HttpCode(200)
  @CookieRoute()
  @ApiOperation({
    summary: 'Exchange the refresh cookie for a new access token',
    description: 'The cookie is replaced. Needs the header `x-csrf-token`.',
  })
  @ApiOkResponse({ type: TokenResponse })
  @ApiProblems('invalid_refresh_token', 'csrf_failed', 'origin_not_allowed')
  async refresh(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<TokenResponse> {
    const signedIn = await this.auth.refresh(this.cookies.credentials(request), this.cookies.client(request));
    return this.cookies.issue(response, signedIn);
  }

  @Post('logout')
  @HttpCode(200)
  @CookieRoute()
  @ApiSecurity('bearer')
  @ApiOperation({
    summary: 'End the session',
    description:
      'Of the refresh cookie (with `x-csrf-token`), of the bearer token, or both. Cookies that are sent twice count for nothing; where nothing else names a session, that is an error, and the session goes on.',
  })
  @ApiOkResponse({ type: LoggedOutDto })
  @ApiProblems('unauthenticated', 'invalid_refresh_token', 'csrf_failed', 'origin_not_allowed')
  async logout(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<LoggedOutDto> {
    const client = this.cookies.client(request);
    if (await this.auth.logout(this.cookies.credentials(request), bearerOf(request), client))
      this.cookies.clear(response);
    return { status: 'logged_out' };
  }

  @Get('me')
  @SessionOnly()
  @ApiOperation({ summary: 'Who is signed in' })
  @ApiOkResponse({ type: MeDto })
  @ApiProblems('unauthenticated')
  me(@CurrentUser() user: Principal): MeDto {
    return MeDto.of(user);
  }
}
