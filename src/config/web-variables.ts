import { bytes, duration, flag, GB, integer, KB, list, MB, oneOf, TB, text, url } from './variable.js';

/** Browsers, proxies, and how much of everything. */
export const WEB_VARIABLES = {
  cookieSecure: flag({
    env: 'COOKIE_SECURE',
    group: 'Web',
    default: undefined,
    defaultText: 'off; on in strict mode, behind a proxy, and with an https `PUBLIC_URL`',
    description: 'Cookies only over HTTPS, with `__Secure-` and `__Host-` names.',
  }),
  cookieSameSite: oneOf(['lax', 'strict', 'none'], {
    env: 'COOKIE_SAMESITE',
    group: 'Web',
    default: 'lax',
    description: 'SameSite of the cookies; `none` needs secure cookies.',
  }),
  corsOrigins: list({
    env: 'CORS_ORIGINS',
    group: 'Web',
    default: '',
    defaultText: '`http://localhost:3000,http://localhost:5173`, in strict mode none',
    description: 'Exact origins of the front ends, separated by commas; https in strict mode.',
  }),
  allowedHosts: list({
    env: 'ALLOWED_HOSTS',
    group: 'Web',
    default: '',
    defaultText: 'any in strict mode, else loopback names',
    description:
      'Host names that requests may carry, without ports. In strict mode `/health` and `/metrics` answer under any.',
  }),
  publicUrl: url(['http:', 'https:'], {
    env: 'PUBLIC_URL',
    group: 'Web',
    default: undefined,
    defaultText: '`http://localhost:PORT`; required for SMTP',
    description:
      'Address under which users reach the front end and the server. Links in mails start with it.',
  }),
  streamWriteTimeout: duration(
    { min: 0.05, max: 3600 },
    {
      env: 'STREAM_WRITE_TIMEOUT',
      group: 'Web',
      default: '30s',
      description: 'A client that takes nothing of its event stream for this long is cut off.',
    },
  ),
  bodyTimeout: duration(
    { min: 0.05, max: 3600 },
    {
      env: 'BODY_TIMEOUT',
      group: 'Web',
      default: '60s',
      description:
        'A request whose body stops coming for this long is cut off; one that keeps coming may take any time.',
    },
  ),
  trustProxy: integer(
    { min: 0, max: 10 },
    {
      env: 'TRUST_PROXY',
      group: 'Web',
      default: 0,
      description: 'Number of reverse proxies in front whose `X-Forwarded-For` counts.',
    },
  ),
  openapiUi: flag({
    env: 'OPENAPI_UI',
    group: 'Web',
    default: true,
    description: 'Serves `/docs` and `/openapi.json`.',
  }),
  webhookAllowPrivate: flag({
    env: 'WEBHOOK_ALLOW_PRIVATE',
    group: 'Web',
    default: false,
    description:
      'Webhooks may go to private networks, this machine included, and over plain HTTP. Whoever has an account can then send requests there.',
  }),

  rateLimits: text({
    env: 'RATE_LIMITS',
    group: 'Limits',
    default: 'general=6000/1m,address=30000/1m,auth=120/1m,expensive=3000/1m',
    description:
      'Requests per window and process: `general` for each user, API key, or address of nobody who is signed in; `address` for all of an address, whoever they come from; `auth` on routes that check a password, `expensive` on queries, answers and writes. What is not named keeps its default; `auth=off` lifts one, `off` all of them. Guesses at passwords are counted apart and always.',
  }),
  maxBodyBytes: bytes(
    { min: 16 * KB, max: 256 * MB },
    {
      env: 'MAX_BODY_BYTES',
      group: 'Limits',
      default: '16mb',
      description: 'Largest JSON body.',
    },
  ),
  maxUploadBytes: bytes(
    { min: KB, max: 16 * GB },
    {
      env: 'MAX_UPLOAD_BYTES',
      group: 'Limits',
      default: '100mb',
      description: 'Largest uploaded file.',
    },
  ),
  minFreeBytes: bytes(
    { min: 0, max: 4096 * TB },
    {
      env: 'MIN_FREE_BYTES',
      group: 'Limits',
      default: '200mb',
      description: 'Uploads are refused with 507 while less space is free.',
    },
  ),
} as const;
