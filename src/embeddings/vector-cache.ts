/** Longer texts are rarely asked twice and would make the cache large. */
const MAX_CHARS = 2_000;

/** The vectors of the texts asked for last. Hands out copies, so that no caller can change what another gets. */
export class VectorCache {
  private readonly entries = new Map<string, Float32Array>();

  constructor(private readonly limit: number) {}

  get(text: string): Float32Array | undefined {
    const vector = this.entries.get(text);
    if (!vector) return undefined;
    // A map keeps the order of insertion: the first entry is the one unused for longest.
    this.entries.delete(text);
    this.entries.set(text, vector);
    return vector.slice();
  }

  set(text: string, vector: Float32Array): void {
    if (text.length > MAX_CHARS) return;
    this.entries.delete(text);
    this.entries.set(text, vector.slice());
    if (this.entries.size <= this.limit) return;
    const [oldest] = this.entries.keys();
    if (oldest !== undefined) this.entries.delete(oldest);
  }
}
