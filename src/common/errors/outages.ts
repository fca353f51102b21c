/** What the server leans on, and can do without for a while. */
export type Part = 'database' | 'vector_store' | 'files';

const PARTS = new Map<string, Part>([
  ['database_unavailable', 'database'],
  ['vector_store_unavailable', 'vector_store'],
  ['file_store_unavailable', 'files'],
]);
/** Lines that wait for the word on one part; what is said beyond them is the same. */
const MOST_HELD = 50;

interface Suspicion {
  isDown: boolean;
  held: (() => void)[];
}

/** The part that an error with this code is due to. */
export const partOf = (code: string): Part | undefined => PARTS.get(code);

/**
 * Keeps the log readable while a part is away: everything that polls it fails again and again, and whoever watches parts
 * says so once. Until that one knows, lines wait; they are written after all where the part is well.
 */
export class Outages {
  private readonly suspicions = new Map<Part, Suspicion>();
  private watcher: ((part: Part) => void) | undefined;

  /** `watcher` is called when a part seems to be down, and has to answer by `began` or `ended`. */
  watchWith(watcher: (part: Part) => void): void {
    this.watcher = watcher;
  }

  isDown(part: Part): boolean {
    return this.suspicions.get(part)?.isDown ?? false;
  }

  /** A line that says nothing but that a part seems to be down. */
  tell(part: Part, write: () => void): void {
    if (!this.watcher) return write();
    const known = this.suspicions.get(part);
    if (known?.isDown || (known && known.held.length >= MOST_HELD)) return;
    if (known) return void known.held.push(write);
    this.suspicions.set(part, { isDown: false, held: [write] });
    this.watcher(part);
  }

  /** It is down. */
  began(part: Part): void {
    const known = this.suspicions.get(part);
    if (known) Object.assign(known, { isDown: true, held: [] });
  }

  /** It is not down, or no longer. */
  ended(part: Part): void {
    const held = this.suspicions.get(part)?.held ?? [];
    this.suspicions.delete(part);
    for (const write of held) write();
  }

  /** Nobody watches any more: everything is written as it comes. */
  close(): void {
    this.watcher = undefined;
    for (const part of this.suspicions.keys()) this.ended(part);
  }
}
