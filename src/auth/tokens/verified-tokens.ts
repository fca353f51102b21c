import type { AccessClaims } from './access-tokens.service.js';

const MAX_ENTRIES = 2000;

interface Entry {
  claims: AccessClaims;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/**
 * What access tokens said whose signature was verified a moment ago. A signature does not change, so only the expiry
 * is asked again; whether the session still lives is asked of the database all the same.
 */
export class VerifiedTokens {
  private entries = new Map<string, Entry>();

  /** @param exp seconds since 1970 */
  remember(token: string, claims: AccessClaims, exp: number): void {
    if (this.entries.size >= MAX_ENTRIES) this.entries = new Map();
    this.entries.set(token, { claims, expiresAt: exp * 1000 });
  }

  claimsOf(token: string): AccessClaims | undefined {
    const known = this.entries.get(token);
    if (!known) return undefined;
    if (known.expiresAt > Date.now()) return known.claims;
    this.entries.delete(token);
    return undefined;
  }
}
