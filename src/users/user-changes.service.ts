import { Injectable } from '@nestjs/common';

type Listener = (userId: string) => void;

/**
 * Tells whoever keeps something about users in memory, in this process, that a user's roles or state changed.
 * Other processes notice when what they keep expires.
 */
@Injectable()
export class UserChanges {
  private readonly listeners = new Set<Listener>();

  subscribe(listener: Listener): void {
    this.listeners.add(listener);
  }

  /** Only after the change was committed: a listener that reads again must not see the old state. */
  announce(userId: string): void {
    for (const listener of this.listeners) listener(userId);
  }
}
