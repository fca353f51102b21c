import type { AccessEnd } from '../../users/user-changes.service.js';

export type EndReason = 'logout' | 'revoked' | 'reuse' | 'max_sessions' | AccessEnd;

export interface NewSession {
  id: string;
  userId: string;
  deviceId: string | null;
  deviceName: string | null;
  device: string;
  nonce: string;
  tokenHash: Buffer;
  ip: string | null;
  userAgent: string | null;
}

export interface SessionUser {
  id: string;
  email: string;
  username: string | null;
  roles: readonly string[];
}

/** A session with the token it just got (or got a moment ago, when two requests raced). */
export interface OpenSession {
  id: string;
  generation: number;
  device: string;
  /** Seconds until it ends if nobody refreshes it. */
  maxAge: number;
  user: SessionUser;
}

/** What the database knew when a session was opened. */
export interface Opened {
  /** Sessions of the user that live, the new one not counted. */
  others: number;
  /** Whether the account was used before, but neither from this device nor from this address with this browser. */
  newDevice: boolean;
}

/** From where a session was used last. */
export interface SeenFrom {
  ip: string | null;
  userAgent: string | null;
}

/** What is checked on every request. */
export interface LiveSession {
  userId: string;
  confirmedGeneration: number;
  email: string;
  username: string | null;
  fullName: string | null;
  emailVerified: boolean;
  secondFactor: boolean;
  authenticatedAt: Date;
  roles: string[];
}

/** Why a refresh did not rotate anything. */
export interface StoredSession extends OpenSession {
  tokenHash: Buffer;
  previousTokenHash: Buffer | null;
  /** Seconds since the last rotation, by the database's clock. */
  sinceRotation: number | null;
  confirmedGeneration: number;
}

export interface SessionRow {
  id: string;
  deviceId: string | null;
  deviceName: string | null;
  ip: string | null;
  userAgent: string | null;
  createdAt: Date;
  lastUsedAt: Date;
}
