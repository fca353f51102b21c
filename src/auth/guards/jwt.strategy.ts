import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import type { Principal } from '../auth.types.js';
import { LiveSessions } from '../sessions/live-sessions.service.js';
import { AccessKeyRing, ACCESS_TOKEN_ALGORITHM } from '../tokens/access-key-ring.service.js';
import { AUDIENCE, ISSUER, isAccessClaims } from '../tokens/access-tokens.service.js';

type KeyFound = (error: Error | null, key?: Buffer) => void;

/** Access tokens: the signature says which session, the database says who that is and whether it still lives. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
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
  }

  async validate(payload: unknown): Promise<Principal | false> {
    return (isAccessClaims(payload) && (await this.live.principal(payload))) || false;
  }
}
