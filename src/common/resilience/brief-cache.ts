const MAX_ENTRIES = 10_000;

/** Remembers what was looked up for a moment; callers that ask at the same time share one look-up. */
export class BriefCache<T> {
  private entries = new Map<string, { value: Promise<T>; until: number }>();

  constructor(private readonly ms: number) {}

  get(key: string, load: () => Promise<T>): Promise<T> {
    const known = this.entries.get(key);
    if (known && known.until > Date.now()) return known.value;
    if (this.entries.size >= MAX_ENTRIES) this.clear();
    const value = load();
    this.entries.set(key, { value, until: Date.now() + this.ms });
    // A failure is not worth remembering.
    value.catch(() => this.entries.delete(key));
    return value;
  }

  /** A look-up that is under way is forgotten too: it may have read what has changed since. */
  clear(): void {
    this.entries = new Map();
  }
}
