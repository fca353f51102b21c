import type { LiveSession } from './session.types.js';

/** What an administrator changes on another process must count within a second; loading takes its part of it. */
const MAX_AGE_MS = 750;
const MAX_ENTRIES = 10_000;

interface Entry<T> {
  loadedAt: number;
  session: Promise<T | undefined>;
  userId?: string;
}

/**
 * Sessions, or other credentials of users, as the database had them a moment ago. Concurrent requests share one load. An entry that
 * is dropped while it loads is not kept: whoever asks afterwards reads the database again.
 */
export class SessionCache<T extends { userId: string } = LiveSession> {
  private readonly entries = new Map<string, Entry<T>>();

  get(id: string, load: (id: string) => Promise<T | undefined>): Promise<T | undefined> {
    const now = performance.now();
    const known = this.entries.get(id);
    if (known && now - known.loadedAt < MAX_AGE_MS) return known.session;
    const entry: Entry<T> = { loadedAt: now, session: load(id) };
    // Deleted first, so that the map stays in the order of loading.
    this.entries.delete(id);
    this.entries.set(id, entry);
    entry.session.then(
      (session) => {
        if (session) entry.userId = session.userId;
      },
      () => this.entries.get(id) === entry && this.entries.delete(id),
    );
    if (this.entries.size > MAX_ENTRIES) this.dropOldest();
    return entry.session;
  }

  drop(id: string): void {
    this.entries.delete(id);
  }

  /** Also drops what is still loading: it may turn out to be this user's. */
  dropUser(userId: string): void {
    for (const [id, entry] of this.entries)
      if (entry.userId === undefined || entry.userId === userId) this.entries.delete(id);
  }

  private dropOldest(): void {
    const oldest = this.entries.keys().next();
    if (!oldest.done) this.entries.delete(oldest.value);
  }
}
