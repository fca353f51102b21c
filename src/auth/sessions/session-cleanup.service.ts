import { Injectable } from '@nestjs/common';
import { Upkeep } from '../../common/upkeep.js';
import { AttemptsRepository } from '../passwords/attempts.repository.js';
import { SessionsRepository } from './sessions.repository.js';

/** Long enough to look into what happened to a session; after that its refresh tokens are unknown, not stolen. */
const KEEP_DAYS = 30;

/** Forgets sessions that ended long ago, and counters that ran out. */
@Injectable()
export class SessionCleanup extends Upkeep {
  constructor(
    private readonly repository: SessionsRepository,
    private readonly attempts: AttemptsRepository,
  ) {
    super();
  }

  protected async tidy(): Promise<void> {
    await this.repository.purge(KEEP_DAYS);
    await this.attempts.purge();
  }
}
