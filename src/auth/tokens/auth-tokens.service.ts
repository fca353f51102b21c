import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import type { CookieCredentials, SignedIn } from '../auth.types.js';
import type { TokenedSession } from '../sessions/session-tokens.service.js';
import { AccessTokens, type AccessClaims } from './access-tokens.service.js';
import { CsrfTokens } from './csrf-tokens.service.js';
import { DeviceTokens } from './device-tokens.service.js';
import { RefreshTokens, type RefreshToken } from './refresh-tokens.service.js';

/** All tokens of a session: what is handed out together, and what comes back. */
@Injectable()
export class AuthTokens {
  constructor(
    private readonly access: AccessTokens,
    private readonly refresh: RefreshTokens,
    private readonly csrf: CsrfTokens,
    private readonly devices: DeviceTokens,
  ) {}

  issue({ session, refresh }: TokenedSession): SignedIn {
    const { token, expiresIn } = this.access.issue(session.user.id, session.id, session.generation);
    return {
      accessToken: token,
      expiresIn,
      csrfToken: this.csrf.of(session.id),
      refreshToken: refresh.token,
      refreshMaxAge: session.maxAge,
      deviceToken: this.devices.sign(session.device),
      user: session.user,
    };
  }

  /** Undefined without a refresh token of ours, or with two cookies of a name. It may be outdated: only the database knows. */
  readRefresh(cookies: CookieCredentials): RefreshToken | undefined {
    // A planted device cookie would make an innocent repetition look like theft.
    if (cookies.ambiguous || cookies.refreshToken === undefined) return undefined;
    return this.refresh.read(cookies.refreshToken);
  }

  /** Whether the request proves that it comes from a page that may read this session's CSRF token. */
  provesIntent(refresh: RefreshToken, cookies: CookieCredentials): boolean {
    return this.csrf.matches(refresh.sessionId, cookies.csrfToken);
  }

  /**
   * The refresh token of a request that a browser may have sent on its own.
   * @throws AppError `invalid_refresh_token`, `csrf_failed`
   */
  requireRefresh(cookies: CookieCredentials): RefreshToken {
    const refresh = this.readRefresh(cookies);
    if (!refresh) throw new AppError('invalid_refresh_token', 'There is no session to refresh. Sign in.');
    if (!this.provesIntent(refresh, cookies)) throw csrfFailed();
    return refresh;
  }

  /** An access token of ours, also when it has expired. */
  readBearer(token: string): AccessClaims | undefined {
    return this.access.readExpired(token);
  }
}

export const csrfFailed = (): AppError =>
  new AppError('csrf_failed', 'Send the csrf_token from signing in as the header x-csrf-token.');
