import { duration, flag } from './variable.js';

/** Who has to show what, and how often. */
export const ACCOUNT_VARIABLES = {
  requireMfaForAdmins: flag({
    env: 'REQUIRE_MFA_FOR_ADMINS',
    group: 'Accounts',
    default: false,
    description: 'Administrators without a second factor may do nothing as such until they set one up.',
  }),
  recentSignIn: duration(
    { min: 60, max: 86_400 },
    {
      env: 'RECENT_SIGN_IN',
      group: 'Accounts',
      default: '10m',
      description:
        'How long after showing password and second factor somebody may change password, address, second factor, API keys and roles, or delete the account.',
    },
  ),
} as const;
