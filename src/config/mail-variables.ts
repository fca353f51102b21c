import { flag, text } from './variable.js';

/** Outgoing mail, and what depends on it. */
export const MAIL_VARIABLES = {
  mailUrl: text({
    env: 'MAIL_URL',
    group: 'Mail',
    default: undefined,
    defaultText: '`file:DATA_DIR/outbox`',
    secret: true,
    description:
      'Where mails go: `smtp://user:password@host:587` (STARTTLS is demanded unless the host is loopback or `?tls=off` is added), `smtps://user:password@host:465`, or `file:` with a folder that receives `.eml` files.',
  }),
  mailFrom: text({
    env: 'MAIL_FROM',
    group: 'Mail',
    default: undefined,
    defaultText: '`AI Backend <ai-backend@localhost>`; required for SMTP',
    description: 'Sender of all mails: an address, or `Name <address>`.',
  }),
  requireEmailVerification: flag({
    env: 'REQUIRE_EMAIL_VERIFICATION',
    group: 'Mail',
    default: undefined,
    defaultText: 'on for SMTP, else off',
    description:
      'An account comes into being only when its address was confirmed by mail. Registration then answers the same for every address.',
  }),
  registrationsNeedProof: flag({
    env: 'REGISTRATIONS_NEED_PROOF',
    group: 'Mail',
    default: undefined,
    defaultText: 'on in strict mode, else off',
    description:
      'A registration keeps its password only when it is confirmed in the browser that registered (by a cookie) or together with the password: anybody may have registered the address. Otherwise the account begins without one, and a mail for choosing it follows. Off, the link alone is enough.',
  }),
  sharesNeedProof: flag({
    env: 'SHARES_NEED_PROOF',
    group: 'Mail',
    default: undefined,
    defaultText: 'on for SMTP, else off',
    description:
      'What is shared with an address opens to its account only once that has confirmed the address: anybody may have registered it. Counts for shares given from then on.',
  }),
} as const;
