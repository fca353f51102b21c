import type { Scope } from '../../common/security/scopes.js';

/** A key as its owner sees it; the secret is shown once, when it is made. */
export interface ApiKeyRow {
  id: string;
  name: string;
  prefix: string;
  scopes: Scope[];
  collectionIds: string[] | null;
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
}

export interface NewApiKey {
  name: string;
  scopes: readonly Scope[];
  /** Null for all that the owner may use. */
  collectionIds: readonly string[] | null;
  /** Null for a key that does not expire. */
  expiresInDays: number | null;
}

/** A key that works at this moment, with its owner as the database has them. */
export interface LiveKey {
  id: string;
  hash: Buffer;
  scopes: Scope[];
  collectionIds: string[] | null;
  userId: string;
  email: string;
  username: string | null;
  fullName: string | null;
  emailVerified: boolean;
  secondFactor: boolean;
  roles: string[];
}
