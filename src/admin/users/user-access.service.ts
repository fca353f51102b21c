import { Injectable } from '@nestjs/common';
import { ApiKeysService } from '../../auth/api-keys/api-keys.service.js';
import { MfaReset } from '../../auth/mfa/mfa-reset.service.js';
import type { SessionRow } from '../../auth/sessions/session.types.js';
import { SessionsService } from '../../auth/sessions/sessions.service.js';
import type { Page } from '../../common/http/page.js';
import type { Actor } from '../../common/security/actor.types.js';
import { UserDirectory } from '../../users/user-directory.service.js';

/** What a user is signed in with, in the hands of an administrator. */
@Injectable()
export class UserAccess {
  constructor(
    private readonly directory: UserDirectory,
    private readonly sessions: SessionsService,
    private readonly keys: ApiKeysService,
    private readonly factors: MfaReset,
  ) {}

  /** @throws AppError `not_found` */
  async sessionsOf(id: string, query: { limit?: number; cursor?: string }): Promise<Page<SessionRow>> {
    await this.directory.get(id);
    return this.sessions.page(id, query);
  }

  /** One session of the user, or all. @throws AppError `not_found` */
  async endSessions(id: string, sessionId: string | undefined, by: Actor): Promise<void> {
    await this.directory.get(id);
    await this.sessions.endByAdmin(id, sessionId, by);
  }

  /** @throws AppError `not_found`, `conflict` without a second factor, `forbidden` for one's own, `last_admin` */
  async resetFactor(id: string, by: Actor): Promise<void> {
    await this.directory.get(id);
    await this.factors.reset(id, by);
  }

  /** @throws AppError `not_found` */
  async revokeKeys(id: string, by: Actor): Promise<void> {
    await this.directory.get(id);
    await this.keys.revokeAll(id, by);
  }
}
