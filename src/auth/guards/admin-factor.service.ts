import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import { Settings } from '../../config/settings.js';
import { ADMIN_ROLE } from '../../users/users.types.js';
import type { Principal } from '../auth.types.js';

/** Whoever acts as an administrator has a second factor, where that is demanded. */
@Injectable()
export class AdminFactor {
  constructor(private readonly settings: Settings) {}

  /** @throws AppError `mfa_enrolment_required` */
  require(user: Principal): void {
    if (!this.isMet(user))
      throw new AppError('mfa_enrolment_required', 'Set up a second factor at POST /auth/mfa/totp first.');
  }

  /** For what is shown to administrators where others get less: the same as `@Roles('admin')` lets through. */
  actsAsAdmin(user: Principal | undefined): boolean {
    return user !== undefined && user.roles.includes(ADMIN_ROLE) && this.isMet(user);
  }

  private isMet(user: Principal): boolean {
    return !this.settings.requireMfaForAdmins || user.secondFactor;
  }
}
