import type { AuditRow } from '../../audit/audit.types.js';
import type { AccessEnd } from '../../users/user-changes.service.js';
import type { Refund } from '../passwords/refund.types.js';

export type EndReason =
  'logout' | 'revoked' | 'reuse' | 'max_sessions' | 'replaced' | 'factor_enabled' | AccessEnd;

export interface NewSession {
  id: string;
  userId: string;
  deviceId: string | null;
  deviceName: string | null;
  /** As it was checked; the session is opened only if it is still the user's. */
  passwordHash: string;
  /** Without it, no session is opened where a second factor is on by now. */
  factorShown: boolean;
  /** The device that the client showed; it keeps its id only where it was seen before. */
  device: string | undefined;
  freshDevice: string;
  nonce: string;
  tokenHash: Buffer;
  ip: string | null;
  userAgent: string | null;
}

/** What goes with opening a session, in the same statement. */
export interface Opening {
  /** Seconds. */
  lifetimes: { idle: number; absolute: number };
  /** Sessions of the user that may live at a time. */
  most: number;
  event: AuditRow;
  refund: Refund;
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

/** `changed` and `new_device` did nothing: the user is another than was checked, or has to be told. */
export interface Opened {
  state: 'opened' | 'changed' | 'new_device';
  /** That the session got. */
  device: string;
  /** Whether the account was used before, but neither from this device nor from this address with this browser. */
  isNew: boolean;
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
export interface StoredSession extends OpenSession, SeenFrom {
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
