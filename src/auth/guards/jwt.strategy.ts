import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Request } from 'express';
import passport from 'passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import type { Principal } from '../auth.types.js';
import { bearerOf } from '../http/credentials.js';
import { LiveSessions } from '../sessions/live-sessions.service.js';
import { AccessKeyRing, ACCESS_TOKEN_ALGORITHM } from '../tokens/access-key-ring.service.js';
import { VerifiedTokens } from '../tokens/verified-tokens.js';
import { AUDIENCE, ISSUER, isAccessClaims } from '../tokens/access-tokens.service.js';

type KeyFound = (error: Error | null, key?: Buffer) => void;

/** Access tokens: the signature says which session, the database says who that is and whether it still lives. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) implements OnModuleDestroy {
  /**
   * Passport keeps strategies by name in one table for the whole process: under a common name, the last of two
   * applications would answer for both, with its own keys and database.
   */
  readonly registeredAs = `access-token ${randomUUID()}`;

  private readonly verified = new VerifiedTokens();

  constructor(
    ring: AccessKeyRing,
    private readonly live: LiveSessions,
  ) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: (_request: unknown, token: string, done: KeyFound) => {
        const key = ring.keyFor(token);
        // The types know no KeyObject; jsonwebtoken takes it, and verifies many times faster than with bytes.
        if (key) done(null, key as unknown as Buffer);
        else done(new Error('not one of our access tokens'));
      },
      algorithms: [ACCESS_TOKEN_ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      passReqToCallback: true,
    });
    passport.use(this.registeredAs, this);
  }

  async validate(request: Request, payload: unknown): Promise<Principal | false> {
    if (!isAccessClaims(payload)) return false;
    const token = bearerOf(request);
    const { exp } = payload as { exp?: unknown };
    if (token !== undefined && typeof exp === 'number') this.verified.remember(token, payload, exp);
    return (await this.live.principal(payload)) ?? false;
  }

  /** Who stands behind a token that was verified before; `unknown` when it has to be verified. */
  async principalOf(token: string): Promise<Principal | undefined | 'unknown'> {
    const claims = this.verified.claimsOf(token);
    return claims === undefined ? 'unknown' : this.live.principal(claims);
  }

  /** The roles of whoever was let in by a token; undefined when the session has ended. */
  async rolesOf(user: Principal): Promise<readonly string[] | undefined> {
    return (await this.live.session(user))?.roles;
  }

  onModuleDestroy(): void {
    passport.unuse(this.registeredAs);
  }
}
