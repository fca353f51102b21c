import { Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.types.js';

type Listener = (userId: string) => void;

/** Why everything that a user signed in with ends. */
export type AccessEnd =
  'disabled' | 'deleted' | 'password_changed' | 'password_reset' | 'factor_reset' | 'claimed';

type AccessEnder = (transaction: Transaction, userId: string, why: AccessEnd) => Promise<void>;
type SessionEnder = (transaction: Transaction, userId: string) => Promise<void>;

/**
 * Tells whoever keeps something about users in memory, in this process, that a user's roles or state changed.
 * Other processes notice when what they keep expires.
 */
@Injectable()
export class UserChanges {
  private readonly listeners = new Set<Listener>();
  private readonly enders = new Set<AccessEnder>();
  private readonly sessionEnders = new Set<SessionEnder>();

  subscribe(listener: Listener): void {
    this.listeners.add(listener);
  }

  /** Only after the change was committed: a listener that reads again must not see the old state. */
  announce(userId: string): void {
    for (const listener of this.listeners) listener(userId);
  }

  /** For whoever issues something that outlives a request, such as sessions. */
  onAccessEnd(ender: AccessEnder): void {
    this.enders.add(ender);
  }

  /**
   * Ends all that was issued to the user. Inside the transaction that disables or deletes the user or changes the
   * password, behind the write to the user's row: then nothing can be issued in between.
   */
  async endAccess(transaction: Transaction, userId: string, why: AccessEnd): Promise<void> {
    for (const end of this.enders) await end(transaction, userId, why);
  }

  /** For what was begun within some session and may not be finished by who lost it. */
  onSessionEnd(ender: SessionEnder): void {
    this.sessionEnders.add(ender);
  }

  /** Some sessions of the user were ended on purpose, in this transaction. */
  async sessionsEnded(transaction: Transaction, userId: string): Promise<void> {
    for (const end of this.sessionEnders) await end(transaction, userId);
  }
}
