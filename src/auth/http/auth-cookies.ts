import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { requestId } from '../../common/http/request-id.js';
import { plainAddress } from '../../common/security/address.js';
import { Settings } from '../../config/settings.js';
import { TokenResponse } from '../auth.dto.js';
import type { Client, CookieCredentials, SignedIn } from '../auth.types.js';
import { DeviceTokens } from '../tokens/device-tokens.service.js';
import { looksLikeMark, newMark } from '../tokens/registration-marks.js';
import { isAmbiguous, readCookie, serialiseCookie, type CookieOptions } from './cookies.js';

/** Where the authentication routes live, and so the only place to which their secret cookies are sent. */
export const AUTH_PATH = '/auth';
export const CSRF_HEADER = 'x-csrf-token';

const DAY = 86_400;
const YEAR = 365 * DAY;
const MAX_USER_AGENT = 512;

/** Turns what services return into cookies and a body, and what a browser sends into what services take. */
@Injectable()
export class AuthCookies {
  private readonly names: { refresh: string; csrf: string; device: string };
  private readonly registration: string;

  constructor(
    private readonly settings: Settings,
    private readonly devices: DeviceTokens,
  ) {
    // The prefixes make browsers refuse cookies planted over plain HTTP, and `__Host-` those of other hosts.
    this.names = settings.cookieSecure
      ? { refresh: '__Secure-refresh_token', csrf: '__Host-csrf_token', device: '__Secure-device' }
      : { refresh: 'refresh_token', csrf: 'csrf_token', device: 'device' };
    // For any path, because only then its name keeps other hosts from planting it: whose browser has it, confirms.
    this.registration = settings.cookieSecure ? '__Host-registration' : 'registration';
  }

  credentials(request: Request): CookieCredentials {
    const csrf = request.headers[CSRF_HEADER];
    return {
      refreshToken: readCookie(request.headers.cookie, this.names.refresh),
      csrfToken: typeof csrf === 'string' ? csrf : undefined,
      ambiguous: isAmbiguous(request.headers.cookie, Object.values(this.names)),
    };
  }

  client(request: Request): Client {
    const device = readCookie(request.headers.cookie, this.names.device);
    return {
      ip: plainAddress(request.ip),
      userAgent: request.headers['user-agent']?.slice(0, MAX_USER_AGENT) ?? null,
      requestId: requestId(request),
      device: device === undefined ? undefined : this.devices.read(device),
    };
  }

  /** Of a browser that registered; undefined without one. */
  mark(request: Request): string | undefined {
    const mark = readCookie(request.headers.cookie, this.registration);
    return mark !== undefined && looksLikeMark(mark) ? mark : undefined;
  }

  /** For a registration that is yet to be confirmed: the one that the browser has, or a new one. */
  markFor(request: Request): string {
    return this.mark(request) ?? newMark();
  }

  keepMark(response: Response, mark: string): void {
    this.set(response, this.registration, mark, { path: '/', httpOnly: true, maxAge: DAY });
  }

  issue(response: Response, signedIn: SignedIn): TokenResponse {
    const { refreshToken, csrfToken, deviceToken, refreshMaxAge } = signedIn;
    this.set(response, this.names.refresh, refreshToken, {
      path: AUTH_PATH,
      httpOnly: true,
      maxAge: refreshMaxAge,
    });
    this.set(response, this.names.csrf, csrfToken, { path: '/', httpOnly: false, maxAge: refreshMaxAge });
    this.set(response, this.names.device, deviceToken, { path: AUTH_PATH, httpOnly: true, maxAge: YEAR });
    return TokenResponse.of(signedIn);
  }

  /** The device stays known: it says nothing about who is signed in. */
  clear(response: Response): void {
    this.set(response, this.names.refresh, '', { path: AUTH_PATH, httpOnly: true, maxAge: 0 });
    this.set(response, this.names.csrf, '', { path: '/', httpOnly: false, maxAge: 0 });
  }

  private set(
    response: Response,
    name: string,
    value: string,
    own: Pick<CookieOptions, 'path' | 'httpOnly' | 'maxAge'>,
  ): void {
    const { cookieSecure: secure, cookieSameSite: sameSite } = this.settings;
    response.append('Set-Cookie', serialiseCookie(name, value, { ...own, secure, sameSite }));
  }
}
