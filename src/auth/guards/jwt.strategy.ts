import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import passport from 'passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import type { Principal } from '../auth.types.js';
import { LiveSessions } from '../sessions/live-sessions.service.js';
import { AccessKeyRing, ACCESS_TOKEN_ALGORITHM } from '../tokens/access-key-ring.service.js';
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
    });
    passport.use(this.registeredAs, this);
  }

  async validate(payload: unknown): Promise<Principal | false> {
    return (isAccessClaims(payload) && (await this.live.principal(payload))) || false;
  }

  onModuleDestroy(): void {
    passport.unuse(this.registeredAs);
  }
}
