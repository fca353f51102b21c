import type { LiveSession } from './session.types.js';

/** What an administrator changes on another process must count within a second; loading takes its part of it. */
const MAX_AGE_MS = 750;
/** From then on a request has it loaded again for those that follow, and does not wait itself. */
const RENEW_AFTER_MS = 400;
const MAX_ENTRIES = 10_000;

interface Entry<T> {
  loadedAt: number;
  session: Promise<T | undefined>;
  userId?: string;
  renewing?: boolean;
}

/**
 * Sessions, or other credentials of users, as the database had them a moment ago. Concurrent requests share one load.
 * An entry that is dropped while it loads is not kept: whoever asks afterwards reads the database again. One that is in
 * use is loaded again before it is too old, so that a busy client does not wait for the database every time.
 */
export class SessionCache<T extends { userId: string } = LiveSession> {
  private readonly entries = new Map<string, Entry<T>>();

  get(id: string, load: (id: string) => Promise<T | undefined>): Promise<T | undefined> {
    const now = performance.now();
    const known = this.entries.get(id);
    if (known && now - known.loadedAt < MAX_AGE_MS) {
      if (now - known.loadedAt > RENEW_AFTER_MS && !known.renewing) this.renew(id, known, load);
      return known.session;
    }
    const entry: Entry<T> = { loadedAt: now, session: load(id) };
    this.put(id, entry);
    entry.session.then(
      (session) => {
        if (session) entry.userId = session.userId;
      },
      () => this.entries.get(id) === entry && this.entries.delete(id),
    );
    if (this.entries.size > MAX_ENTRIES) this.dropOldest();
    return entry.session;
  }

  private renew(id: string, known: Entry<T>, load: (id: string) => Promise<T | undefined>): void {
    known.renewing = true;
    const loadedAt = performance.now();
    load(id).then(
      (session) => {
        // Dropped meanwhile, or replaced: what was read may be older than that.
        if (this.entries.get(id) !== known) return;
        const entry: Entry<T> = { loadedAt, session: Promise.resolve(session) };
        if (session) entry.userId = session.userId;
        this.put(id, entry);
      },
      // Whoever asks when it is too old meets the same failure, and hears of it.
      () => (known.renewing = false),
    );
  }

  /** Deleted first, so that the map stays in the order of loading. */
  private put(id: string, entry: Entry<T>): void {
    this.entries.delete(id);
    this.entries.set(id, entry);
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
