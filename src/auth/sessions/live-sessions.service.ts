import { Injectable } from '@nestjs/common';
import { UserChanges } from '../../users/user-changes.service.js';
import type { Principal } from '../auth.types.js';
import type { AccessClaims } from '../tokens/access-tokens.service.js';
import { SessionCache } from './session-cache.js';
import type { LiveSession } from './session.types.js';
import { SessionsRepository } from './sessions.repository.js';

/** Who stands behind an access token right now. */
@Injectable()
export class LiveSessions {
  private readonly cache = new SessionCache();
  private readonly load = (id: string) => this.repository.findLive(id);

  constructor(
    private readonly repository: SessionsRepository,
    changes: UserChanges,
  ) {
    changes.subscribe((userId) => this.cache.dropUser(userId));
  }

  /** Undefined when the session ended, the user is not active, or the token is not this user's. */
  async principal(claims: AccessClaims): Promise<Principal | undefined> {
    const live = await this.cache.get(claims.sid, this.load);
    if (!live || live.userId !== claims.sub) return undefined;
    if (claims.gen > live.confirmedGeneration) {
      // Awaited: once this request is answered, an older refresh token may no longer be repeated.
      await this.repository.confirm(claims.sid, claims.gen);
      live.confirmedGeneration = claims.gen;
    }
    const { userId: id, confirmedGeneration: _, ...profile } = live;
    return { id, ...profile, sessionId: claims.sid };
  }

  /** The session of a token that was accepted before; undefined when it has ended, or the user is not active. */
  async session({ id, sessionId }: Principal): Promise<LiveSession | undefined> {
    const live = await this.cache.get(sessionId, this.load);
    return live?.userId === id ? live : undefined;
  }

  /** To be called after the end of a session was committed. */
  forget(sessionId: string): void {
    this.cache.drop(sessionId);
  }

  forgetUser(userId: string): void {
    this.cache.dropUser(userId);
  }
}
