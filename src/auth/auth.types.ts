import type { AuthUser } from '../common/security/auth-user.js';

/** Who is at the other end of a request. */
export interface Client {
  ip: string | null;
  userAgent: string | null;
  requestId: string;
  /** From the signed `device` cookie; undefined without one, or when it is not ours. */
  device: string | undefined;
}

/** What the database says about the caller; the profile rides along so that `GET /auth/me` asks nothing more. */
export interface Principal extends AuthUser {
  fullName: string | null;
  emailVerified: boolean;
  secondFactor: boolean;
  /** When password and second factor were last shown; nobody shows them with an API key. */
  authenticatedAt?: Date;
}

/** All that a client gets when it signed in or refreshed. */
export interface SignedIn {
  accessToken: string;
  /** Seconds. */
  expiresIn: number;
  csrfToken: string;
  refreshToken: string;
  /** Seconds until the session ends if nobody refreshes it. */
  refreshMaxAge: number;
  deviceToken: string;
  user: { id: string; email: string; username: string | null; roles: readonly string[] };
}

/** What a cookie-authenticated request brought along. */
export interface CookieCredentials {
  refreshToken: string | undefined;
  csrfToken: string | undefined;
  /** One of the cookies occurs twice: which of them is the browser's own cannot be told. */
  ambiguous: boolean;
}
