import { AppError } from '../../common/errors/app-error.js';
import type { Settings } from '../../config/settings.js';
import type { Principal } from '../auth.types.js';

/** Whoever acts as an administrator has a second factor, where that is demanded. */
export function requireAdminFactor(user: Principal, settings: Settings): void {
  if (settings.requireMfaForAdmins && !user.secondFactor)
    throw new AppError('mfa_enrolment_required', 'Set up a second factor at POST /auth/mfa/totp first.');
}
