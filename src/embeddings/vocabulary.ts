/** Places in the table for each token: enough room that most searches end at the first one. */
const ROOM = 2;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

const mixed = (hash: number, char: number): number => Math.imul(hash ^ char, FNV_PRIME);

/** A token and where in the word it ends. */
export interface Piece {
  id: number;
  end: number;
}

/**
 * The tokens of a WordPiece tokenizer and their ids, in a few arrays: a megabyte for 30,000 of them in each thread that
 * counts, where a map of strings takes four. Pieces are found inside a word without being cut out of it.
 */
export class Vocabulary {
  /** Characters of all tokens, one after the other. */
  private readonly chars: Uint16Array;
  /** Where the characters of each token begin, and behind them the end of the last. */
  private readonly starts: Uint32Array;
  private readonly ids: Int32Array;
  /** Open addressing by hash: number of the token plus one, zero where there is none. */
  private readonly table: Uint32Array;
  private readonly mask: number;
  /** Of the piece that is looked for: the hash of its first characters, by where in the word they end. */
  private hashes = new Uint32Array(256);

  /** @param prefix stands in front of tokens that go on with a word */
  constructor(
    tokens: Readonly<Record<string, number>>,
    private readonly prefix: string,
  ) {
    const entries = Object.entries(tokens);
    this.chars = new Uint16Array(entries.reduce((sum, [token]) => sum + token.length, 0));
    this.starts = new Uint32Array(entries.length + 1);
    this.ids = new Int32Array(entries.length);
    this.mask = 2 ** Math.ceil(Math.log2(Math.max(2, entries.length * ROOM))) - 1;
    this.table = new Uint32Array(this.mask + 1);
    let at = 0;
    for (const [index, [token, id]] of entries.entries()) {
      this.ids[index] = id;
      for (let i = 0; i < token.length; i++) this.chars[at++] = token.charCodeAt(i);
      this.starts[index + 1] = at;
      let slot = hashOf(token) & this.mask;
      while (this.table[slot] !== 0) slot = (slot + 1) & this.mask;
      this.table[slot] = index + 1;
    }
  }

  idOf(token: string): number | undefined {
    const found = this.find(hashOf(token), '', token, 0, token.length);
    return found === -1 ? undefined : this.ids[found];
  }

  /** The longest token that the word has at `start`; with the prefix unless that is its beginning. */
  longestPiece(word: string, start: number): Piece | undefined {
    const prefix = start === 0 ? '' : this.prefix;
    if (this.hashes.length <= word.length) this.hashes = new Uint32Array(word.length * 2);
    let hash = hashOf(prefix);
    for (let end = start + 1; end <= word.length; end++)
      this.hashes[end] = hash = mixed(hash, word.charCodeAt(end - 1));
    for (let end = word.length; end > start; end--) {
      const found = this.find(this.hashes[end]!, prefix, word, start, end);
      if (found !== -1) return { id: this.ids[found]!, end };
    }
    return undefined;
  }

  /** Number of the token that is `prefix` and the word from `start` to `end`; -1 when there is none. */
  private find(hash: number, prefix: string, word: string, start: number, end: number): number {
    for (let slot = hash & this.mask; this.table[slot] !== 0; slot = (slot + 1) & this.mask) {
      const index = this.table[slot]! - 1;
      if (this.isToken(index, prefix, word, start, end)) return index;
    }
    return -1;
  }

  private isToken(index: number, prefix: string, word: string, start: number, end: number): boolean {
    let at = this.starts[index]!;
    if (this.starts[index + 1]! - at !== prefix.length + end - start) return false;
    for (let i = 0; i < prefix.length; i++) if (this.chars[at++] !== prefix.charCodeAt(i)) return false;
    for (let i = start; i < end; i++) if (this.chars[at++] !== word.charCodeAt(i)) return false;
    return true;
  }
}

function hashOf(token: string): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < token.length; i++) hash = mixed(hash, token.charCodeAt(i));
  return hash;
}
