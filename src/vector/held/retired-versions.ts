/** A version is embedded within this time after it was retired, or never. */
const KEPT_MS = 15 * 60_000;

/** Versions that were retired a short time ago: their vectors may still come. */
export class RetiredVersions {
  /** When each was retired; the order of insertion is that of time. */
  private readonly at = new Map<string, number>();

  get size(): number {
    return this.at.size;
  }

  has(versionId: string): boolean {
    return this.at.has(versionId);
  }

  add(versionIds: readonly string[]): void {
    const now = Date.now();
    for (const [versionId, at] of this.at) {
      if (now - at < KEPT_MS) break;
      this.at.delete(versionId);
    }
    for (const versionId of versionIds) {
      this.at.delete(versionId);
      this.at.set(versionId, now);
    }
  }

  [Symbol.iterator](): Iterator<string> {
    return this.at.keys();
  }
}
