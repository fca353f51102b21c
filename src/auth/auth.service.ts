import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import type { AuthUser } from '../common/security/auth-user.js';
import type { LoginName } from '../users/users.types.js';
import type { Client, CookieCredentials, SignedIn } from './auth.types.js';
import { PasswordChange } from './passwords/password-change.service.js';
import { PasswordCheck } from './passwords/password-check.service.js';
import { SessionTokens, type DeviceLabels } from './sessions/session-tokens.service.js';
import { SessionsService } from './sessions/sessions.service.js';
import { SignInService, type FirstStep } from './sign-in.service.js';
import { AuthTokens, csrfFailed } from './tokens/auth-tokens.service.js';

@Injectable()
export class AuthService {
  constructor(
    private readonly signIn: SignInService,
    private readonly sessionTokens: SessionTokens,
    private readonly sessions: SessionsService,
    private readonly tokens: AuthTokens,
    private readonly passwordCheck: PasswordCheck,
    private readonly passwordChange: PasswordChange,
  ) {}

  /** @throws AppError `invalid_credentials`, `account_disabled`, `service_unavailable` */
  async login(
    login: LoginName,
    password: string,
    labels: DeviceLabels,
    client: Client,
  ): Promise<SignedIn | FirstStep> {
    const opened = await this.signIn.signIn(login, password, labels, client);
    if ('mfaToken' in opened) return opened;
    this.sessions.opened(opened.session.user.id);
    return this.tokens.issue(opened);
  }

  /**
   * All that is needed to go on signed in; what was issued before is void.
   * @throws AppError `invalid_credentials`, `weak_password`, `too_many_requests`, `service_unavailable`, `conflict`
   */
  async changePassword(
    user: AuthUser,
    { current, next }: { current: string; next: string },
    client: Client,
  ): Promise<SignedIn> {
    const confirmed = await this.passwordCheck.confirm(user.id, current, client);
    return this.tokens.issue(await this.passwordChange.change(confirmed, user, next, client));
  }

  /** @throws AppError `invalid_refresh_token`, `csrf_failed` */
  async refresh(cookies: CookieCredentials, client: Client): Promise<SignedIn> {
    const current = this.tokens.requireRefresh(cookies);
    return this.tokens.issue(await this.sessionTokens.refresh(current, client));
  }

  /**
   * Ends the session of the cookie, of the bearer token, or both; nothing happens when they ended before.
   * @returns whether the browser's cookies belong to a session that is now over.
   * @throws AppError `csrf_failed` when only a cookie speaks for the request, `unauthenticated` for a token not ours,
   * `invalid_refresh_token` when cookies are doubled and nothing else says which session is meant
   */
  async logout(cookies: CookieCredentials, bearer: string | undefined, client: Client): Promise<boolean> {
    if (cookies.ambiguous && bearer === undefined)
      throw new AppError('invalid_refresh_token', 'A cookie was sent twice. Send the access token.');
    const refresh = this.tokens.readRefresh(cookies);
    const access = bearer === undefined ? undefined : this.tokens.readBearer(bearer);
    const intended = refresh !== undefined && this.tokens.provesIntent(refresh, cookies);
    if (!access && refresh && !intended) throw csrfFailed();
    if (!access && !refresh && bearer !== undefined)
      throw new AppError('unauthenticated', 'The access token is not valid.');
    const ended = new Set<string>();
    if (intended) ended.add(refresh.sessionId);
    if (access) ended.add(access.sid);
    for (const id of ended) await this.sessions.end(id, 'logout', client);
    return refresh ? ended.has(refresh.sessionId) : access !== undefined;
  }
}
