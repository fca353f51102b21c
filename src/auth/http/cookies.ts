/** What is written into a `Set-Cookie` header. */
export interface CookieOptions {
  path: string;
  /** Seconds; 0 removes the cookie. */
  maxAge: number;
  httpOnly: boolean;
  secure: boolean;
  sameSite: 'lax' | 'strict' | 'none';
}

/** Tokens only: none of ours needs quoting, and nothing else is taken. */
const VALUE = /^[\w-]{1,512}$/;

/**
 * The value of a cookie. A name that occurs twice counts as absent: one of the two was planted, from another
 * path or a sibling domain, and nothing tells which.
 */
export function readCookie(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  let found: string | undefined;
  for (const part of header.split(';')) {
    const at = part.indexOf('=');
    if (at < 0 || part.slice(0, at).trim() !== name) continue;
    if (found !== undefined) return undefined;
    found = part.slice(at + 1).trim();
  }
  return found !== undefined && VALUE.test(found) ? found : undefined;
}

/** Whether one of the names occurs more than once: then somebody planted a cookie, and none of them says anything. */
export function isAmbiguous(header: string | undefined, names: readonly string[]): boolean {
  if (header === undefined) return false;
  const given = header.split(';').map((part) => part.split('=', 1)[0]?.trim() ?? '');
  return names.some((name) => given.indexOf(name) !== given.lastIndexOf(name));
}

const SAME_SITE = { lax: 'Lax', strict: 'Strict', none: 'None' } as const;

export function serialiseCookie(name: string, value: string, options: CookieOptions): string {
  const parts = [`${name}=${value}`, `Path=${options.path}`, `Max-Age=${options.maxAge}`];
  // Old clients know only the date, which also removes the cookie when it lies in the past.
  parts.push(
    `Expires=${new Date(options.maxAge === 0 ? 0 : Date.now() + options.maxAge * 1000).toUTCString()}`,
  );
  if (options.httpOnly) parts.push('HttpOnly');
  if (options.secure) parts.push('Secure');
  parts.push(`SameSite=${SAME_SITE[options.sameSite]}`);
  return parts.join('; ');
}
