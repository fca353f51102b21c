import { Injectable, Logger } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import { UserChanges } from '../../users/user-changes.service.js';
import type { Principal } from '../auth.types.js';
import { SessionCache } from '../sessions/session-cache.js';
import { sameBytes } from '../tokens/keys.js';
import { parseKey } from './api-key-format.js';
import type { LiveKey } from './api-key.types.js';
import { ApiKeysRepository } from './api-keys.repository.js';

const TOUCH_MS = 60_000;
const MAX_TOUCHED = 10_000;

/** Who stands behind an API key right now. */
@Injectable()
export class LiveKeys {
  private readonly logger = new Logger('ApiKeys');
  private readonly cache = new SessionCache<LiveKey>();
  private readonly touched = new Map<string, number>();
  private readonly load = (prefix: string) => this.repository.findLive(prefix);

  constructor(
    private readonly repository: ApiKeysRepository,
    private readonly audit: AuditService,
    changes: UserChanges,
  ) {
    changes.subscribe((userId) => this.cache.dropUser(userId));
  }

  /** Undefined for what is no key, a wrong secret, one that was revoked or expired, and one of a disabled user. */
  async principal(
    key: string,
    client: { ip: string | null; requestId: string },
  ): Promise<Principal | undefined> {
    const live = await this.live(key);
    if (!live) return undefined;
    this.noteUse(live, client);
    const {
      id,
      scopes,
      collectionIds,
      userId,
      email,
      username,
      fullName,
      emailVerified,
      roles,
      secondFactor,
    } = live;
    return {
      id: userId,
      email,
      username,
      fullName,
      emailVerified,
      secondFactor,
      roles,
      sessionId: id,
      apiKey: { id, scopes },
      ...(collectionIds ? { onlyCollections: collectionIds } : {}),
    };
  }

  /** The roles of whoever has a key, which is not counted as a use of it; undefined as above. */
  async rolesOf(key: string): Promise<readonly string[] | undefined> {
    return (await this.live(key))?.roles;
  }

  private async live(key: string): Promise<LiveKey | undefined> {
    const parsed = parseKey(key);
    if (!parsed) return undefined;
    const live = await this.cache.get(parsed.prefix, this.load);
    return live && sameBytes(live.hash, parsed.hash) ? live : undefined;
  }

  /** To be called after the key's end was committed. */
  forget(prefix: string): void {
    this.cache.drop(prefix);
  }

  private noteUse({ id, userId }: LiveKey, client: { ip: string | null; requestId: string }): void {
    this.audit.count(
      { action: 'api_key.used', actorId: userId, targetType: 'api_key', targetId: id, ...client },
      'used',
    );
    const now = performance.now();
    if (now - (this.touched.get(id) ?? -Infinity) < TOUCH_MS) return;
    if (this.touched.size >= MAX_TOUCHED) this.touched.clear();
    this.touched.set(id, now);
    // Nobody waits for it: that a key works must not depend on this row.
    this.repository.touch(id).catch((error: unknown) => {
      this.touched.delete(id);
      this.logger.warn({ err: error }, 'the last use of a key could not be written');
    });
  }
}
