import { createHash } from 'node:crypto';

/** The collections that somebody may read at some moment. */
export class ReadableCollections {
  private readonly ids: ReadonlySet<string>;
  /** Two sets share it only where they are the same. */
  readonly mark: string;

  constructor(ids: readonly string[]) {
    this.ids = new Set(ids);
    this.mark = createHash('sha256')
      .update([...this.ids].toSorted().join())
      .digest('hex')
      .slice(0, 16);
  }

  /** Whether they are these, no more and no less. */
  are(ids: readonly string[]): boolean {
    return ids.length === this.ids.size && ids.every((id) => this.ids.has(id));
  }
}
