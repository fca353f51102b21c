/** Longer texts are rarely asked twice and would make the cache large. */
const MAX_CHARS = 2_000;

/** The vectors of the texts asked for last, each of one model. Hands out copies, so that no caller can change what another gets. */
export class VectorCache {
  private readonly entries = new Map<string, Float32Array>();

  constructor(private readonly limit: number) {}

  get(modelId: string, text: string): Float32Array | undefined {
    const key = keyOf(modelId, text);
    const vector = this.entries.get(key);
    if (!vector) return undefined;
    // A map keeps the order of insertion: the first entry is the one unused for longest.
    this.entries.delete(key);
    this.entries.set(key, vector);
    return vector.slice();
  }

  set(modelId: string, text: string, vector: Float32Array): void {
    if (text.length > MAX_CHARS) return;
    const key = keyOf(modelId, text);
    this.entries.delete(key);
    this.entries.set(key, vector.slice());
    if (this.entries.size <= this.limit) return;
    const [oldest] = this.entries.keys();
    if (oldest !== undefined) this.entries.delete(oldest);
  }
}

/** No name of a model holds a line break. */
const keyOf = (modelId: string, text: string): string => `${modelId}\n${text}`;
