import type { Scope } from './scopes.js';

/** Who is asking: read from the database for each request, never from what the token claims. */
export interface AuthUser {
  id: string;
  email: string;
  username: string | null;
  roles: readonly string[];
  /** Of the session. For an API key it is the key's id, which is no session's: routes for sessions refuse keys. */
  sessionId: string;
  /** Set when an API key speaks for the user. */
  apiKey?: { id: string; scopes: readonly Scope[] };
  /** Set when the credential is good for these collections only. */
  onlyCollections?: readonly string[];
  /** Set when an administrator stated a reason to pass over permission, which is recorded by then. */
  adminAccess?: boolean;
}
