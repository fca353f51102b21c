import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { Settings } from '../../config/settings.js';

export const ISSUER = 'ai-backend';
export const AUDIENCE = 'ai-backend-api';
/** Seconds by which the clocks of two servers may differ. */
const CLOCK_SKEW = 5;

/** What an access token says about its session. Roles are not in it: they are read from the database. */
export interface AccessClaims {
  sub: string;
  sid: string;
  /** Generation of the refresh token it was issued with. */
  gen: number;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const isAccessClaims = (payload: unknown): payload is AccessClaims => {
  const { sub, sid, gen } = (payload ?? {}) as Record<string, unknown>;
  return typeof sub === 'string' && typeof sid === 'string' && UUID.test(sid) && Number.isSafeInteger(gen);
};

@Injectable()
export class AccessTokens {
  constructor(
    private readonly jwt: JwtService,
    private readonly settings: Settings,
  ) {}

  issue(userId: string, sessionId: string, generation: number): { token: string; expiresIn: number } {
    // A token can tell whole seconds only.
    const expiresIn = Math.floor(this.settings.accessTokenTtl);
    const token = this.jwt.sign(
      { sid: sessionId, gen: generation },
      { subject: userId, jwtid: randomUUID(), expiresIn, notBefore: -CLOCK_SKEW },
    );
    return { token, expiresIn };
  }

  /** What a genuine token says, also an expired one: for ending its session, and nothing else. */
  readExpired(token: string): AccessClaims | undefined {
    try {
      const payload: unknown = this.jwt.verify(token, { ignoreExpiration: true });
      return isAccessClaims(payload) ? payload : undefined;
    } catch {
      return undefined;
    }
  }
}
