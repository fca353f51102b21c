import { duration, integer, oneOf, text } from './variable.js';

const DAY = 86_400;

/** Secrets, sessions, and what is kept of who did what. */
export const SIGN_IN_VARIABLES = {
  jwtSecret: text({
    env: 'JWT_SECRET',
    group: 'Secrets',
    default: undefined,
    defaultText: 'generated; required in strict mode',
    secret: true,
    description: 'Signs access tokens. At least 32 characters.',
  }),
  jwtSecretPrevious: text({
    env: 'JWT_SECRET_PREVIOUS',
    group: 'Secrets',
    default: undefined,
    secret: true,
    description: 'Still verifies access tokens while `JWT_SECRET` is being rotated.',
  }),
  refreshSecret: text({
    env: 'REFRESH_SECRET',
    group: 'Secrets',
    default: undefined,
    defaultText: 'generated; required in strict mode',
    secret: true,
    description: 'Authenticates refresh tokens and device cookies. At least 32 characters.',
  }),
  refreshSecretPrevious: text({
    env: 'REFRESH_SECRET_PREVIOUS',
    group: 'Secrets',
    default: undefined,
    secret: true,
    description: 'Previous `REFRESH_SECRET` during rotation.',
  }),
  csrfSecret: text({
    env: 'CSRF_SECRET',
    group: 'Secrets',
    default: undefined,
    defaultText: 'generated; required in strict mode',
    secret: true,
    description: 'Binds CSRF tokens to sessions. At least 32 characters.',
  }),
  csrfSecretPrevious: text({
    env: 'CSRF_SECRET_PREVIOUS',
    group: 'Secrets',
    default: undefined,
    secret: true,
    description: 'Previous `CSRF_SECRET` during rotation.',
  }),
  dataEncryptionKey: text({
    env: 'DATA_ENCRYPTION_KEY',
    group: 'Secrets',
    default: undefined,
    defaultText: 'generated; required in strict mode',
    secret: true,
    description:
      'Encrypts secrets in the database that must be read back, such as those of second factors. At least 32 characters; without it they are lost.',
  }),
  dataEncryptionKeyPrevious: text({
    env: 'DATA_ENCRYPTION_KEY_PREVIOUS',
    group: 'Secrets',
    default: undefined,
    secret: true,
    description: 'Still decrypts while `DATA_ENCRYPTION_KEY` is being rotated.',
  }),

  adminEmail: text({
    env: 'ADMIN_EMAIL',
    group: 'Accounts',
    default: 'admin@localhost',
    description: 'First administrator, created only while there is no user.',
  }),
  adminPassword: text({
    env: 'ADMIN_PASSWORD',
    group: 'Accounts',
    default: undefined,
    defaultText: 'random, in `DATA_DIR/secrets/admin-password`',
    secret: true,
    description: 'Password of the first administrator. Strict mode needs it, or `npm run admin:create`.',
  }),
  registration: oneOf(['open', 'closed'], {
    env: 'REGISTRATION',
    group: 'Accounts',
    default: undefined,
    defaultText: '`open`, in strict mode `closed`',
    description: 'Whether anyone may register.',
  }),
  passwordMinLength: integer(
    { min: 12, max: 128 },
    {
      env: 'PASSWORD_MIN_LENGTH',
      group: 'Accounts',
      default: 15,
      description: 'Least number of characters in a password.',
    },
  ),
  accessTokenTtl: duration(
    { min: 10, max: DAY },
    { env: 'ACCESS_TOKEN_TTL', group: 'Accounts', default: '15m', description: 'Life of an access token.' },
  ),
  refreshTokenTtl: duration(
    { min: 60, max: 365 * DAY },
    {
      env: 'REFRESH_TOKEN_TTL',
      group: 'Accounts',
      default: '7d',
      description: 'A session ends when it is not refreshed for this long.',
    },
  ),
  sessionMaxAge: duration(
    { min: 60, max: 365 * DAY },
    {
      env: 'SESSION_MAX_AGE',
      group: 'Accounts',
      default: '30d',
      description: 'A session ends after this long in any case.',
    },
  ),
  refreshGrace: duration(
    { min: 0, max: 60 },
    {
      env: 'REFRESH_GRACE',
      group: 'Accounts',
      default: '20s',
      description:
        'How long the token just replaced still gets the same successor, so that two tabs do not sign each other out.',
    },
  ),
  maxSessions: integer(
    { min: 1, max: 1000 },
    {
      env: 'MAX_SESSIONS',
      group: 'Accounts',
      default: 20,
      description: 'Parallel sessions of a user; the oldest ends.',
    },
  ),

  auditRetentionDays: integer(
    { min: 0, max: 36_500 },
    {
      env: 'AUDIT_RETENTION_DAYS',
      group: 'Accounts',
      default: 365,
      description:
        'A month of the audit log is dropped when its last day is older than this, at least 30; `0` keeps all.',
    },
  ),
} as const;
