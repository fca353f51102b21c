import { ConfigError } from './config-error.js';
import type { Settings } from './settings.js';

/** A name or address that only this machine reaches. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);

/** A name or address alone, as it stands in a `Host` header before the port. */
const isHostName = (name: string): boolean =>
  !name.includes('*') &&
  URL.canParse(`http://${name}`) &&
  new URL(`http://${name}`).hostname === name.toLowerCase();

const isLocalUrl = (url: string): boolean => isLoopback(new URL(url).hostname);
const isPlain = (url: string): boolean => new URL(url).protocol === 'http:';

/** Whether the server says of itself that nobody comes from elsewhere. */
export const isForThisMachine = (publicUrl: string | undefined): boolean =>
  publicUrl !== undefined && isPlain(publicUrl) && isLocalUrl(publicUrl);

/**
 * Refuses what would send sessions in the clear, or let pages act for their visitors that others can change on the way.
 * @throws ConfigError
 */
export function checkWeb(s: Settings): void {
  if (s.cookieSameSite === 'none' && !s.cookieSecure)
    throw new ConfigError('COOKIE_SAMESITE=none needs COOKIE_SECURE=on');
  // A star would be taken for a name, and match nothing.
  if (
    s.corsOrigins.some(
      (origin) => origin.includes('*') || !URL.canParse(origin) || new URL(origin).origin !== origin,
    )
  )
    throw new ConfigError(
      'CORS_ORIGINS must hold exact origins such as https://app.example.com, without path or wildcard',
    );
  const odd = s.allowedHosts.find((name) => !isHostName(name));
  if (odd !== undefined)
    throw new ConfigError(
      `ALLOWED_HOSTS must hold names such as api.example.com, without scheme, port or wildcard, not "${odd}"`,
    );
  const plainOrigin = s.corsOrigins.find((origin) => isPlain(origin) && !isLocalUrl(origin));
  if (s.strict && plainOrigin !== undefined)
    throw new ConfigError(
      `CORS_ORIGINS must hold https origins in strict mode, or those of this machine, not ${plainOrigin}`,
    );
  const { publicUrl } = s;
  if (publicUrl !== undefined && isPlain(publicUrl) && !isLocalUrl(publicUrl)) {
    if (s.strict)
      throw new ConfigError('PUBLIC_URL must start with https:// in strict mode, or be http://localhost');
    if (s.cookieSecure)
      throw new ConfigError(
        'PUBLIC_URL must start with https:// where cookies are secure, as they are behind a proxy (TRUST_PROXY): browsers would drop them',
      );
  }
  if (s.cookieSecure) return;
  if (publicUrl !== undefined && !isPlain(publicUrl))
    throw new ConfigError('COOKIE_SECURE=off contradicts a PUBLIC_URL that starts with https://');
  if (s.trustProxy > 0 && !isForThisMachine(publicUrl))
    throw new ConfigError(
      'COOKIE_SECURE=off behind a proxy (TRUST_PROXY) would send sessions in the clear: leave it on, or set PUBLIC_URL=http://localhost when only this machine gets to the proxy',
    );
  if (!isLoopback(s.host) && publicUrl === undefined)
    throw new ConfigError(
      `COOKIE_SECURE=off on ${s.host} would send sessions in the clear: put TLS in front and leave it on, or set PUBLIC_URL=http://localhost:${s.port} when only this machine gets there`,
    );
}
