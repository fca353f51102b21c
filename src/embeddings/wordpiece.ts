import { Vocabulary } from './vocabulary.js';

/** A tokenizer.json as far as it is read here. */
interface TokenizerFile {
  model?: {
    type?: string;
    vocab?: Record<string, number>;
    unk_token?: string;
    continuing_subword_prefix?: string;
    max_input_chars_per_word?: number;
  };
  normalizer?: { type?: string; lowercase?: boolean };
}

const PUNCTUATION = String.raw`\p{P}\u0021-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u007E`;
/** The CJK blocks that BERT splits into single characters; Hangul and kana are words like any other. */
const CJK = String.raw`\u4E00-\u9FFF\u3400-\u4DBF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B820}-\u{2CEAF}\uF900-\uFAFF\u{2F800}-\u{2FA1F}`;
const WORDS = new RegExp(`[${CJK}]|[${PUNCTUATION}]|[^\\s${PUNCTUATION}${CJK}]+`, 'gu');
const ASCII_WORDS = /[!-/:-@[-`{-~]|[^\s!-/:-@[-`{-~]+/g;
/** Printable ASCII and the white space that survives cleaning: nothing to normalise but the case. */
const PLAIN = /^[\t\n\r\x20-\x7e]*$/;
// Control, format, unassigned and private characters, lone surrogates and the replacement character are dropped.
const DROPPED = /(?![\t\n\r])[\p{C}\uFFFD]/gu;
/** Text is handled in pieces of this many characters, so that a large one needs no copies of its size. */
const SLICE = 32_768;
const CACHE_LIMIT = 50_000;

/** The words that BERT's uncased tokenizer sees: cleaned, without accents, in lower case. */
function wordsOf(text: string): readonly string[] {
  if (PLAIN.test(text)) return text.toLowerCase().match(ASCII_WORDS) ?? [];
  // The case is changed per character: JavaScript's own rule for a final sigma is not the tokenizer's.
  const clean = text
    .replace(DROPPED, '')
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .replaceAll('Σ', 'σ');
  return clean.toLowerCase().match(WORDS) ?? [];
}

/** Cuts a text where no word can be torn: at white space, else (in unbroken text) between two code points. */
function* slices(text: string): Generator<string> {
  let start = 0;
  while (text.length - start > SLICE) {
    let end = start + SLICE;
    const floor = start + SLICE / 2;
    while (end > floor && !/\s/.test(text.charAt(end))) end--;
    if (end === floor) end = start + SLICE;
    if (/[\uDC00-\uDFFF]/.test(text.charAt(end))) end++;
    yield text.slice(start, end);
    start = end;
  }
  yield text.slice(start);
}

/**
 * BERT's uncased WordPiece, from a tokenizer.json. The reference implementation keeps some 20 MB for the same
 * vocabulary in every thread and counts ten times slower; ids are the same, except that `[SEP]` and its like
 * in a text are read as text, never as control tokens.
 */
export class WordPiece {
  readonly clsId: number;
  readonly sepId: number;
  private readonly vocabulary: Vocabulary;
  private readonly unkId: number;
  private readonly maxChars: number;
  private readonly cache = new Map<string, readonly number[]>();

  /** Throws a plain `Error` when the file is no uncased WordPiece tokenizer. */
  constructor(tokenizerJson: string) {
    const { model, normalizer } = JSON.parse(tokenizerJson) as TokenizerFile;
    if (
      model?.type !== 'WordPiece' ||
      !model.vocab ||
      normalizer?.type !== 'BertNormalizer' ||
      normalizer.lowercase !== true
    )
      throw new Error('tokenizer.json is not an uncased WordPiece tokenizer');
    this.vocabulary = new Vocabulary(model.vocab, model.continuing_subword_prefix ?? '##');
    this.maxChars = model.max_input_chars_per_word ?? 100;
    this.unkId = this.special(model.unk_token ?? '[UNK]');
    this.clsId = this.special('[CLS]');
    this.sepId = this.special('[SEP]');
  }

  /** Token ids without special tokens. */
  encode(text: string): number[] {
    const ids: number[] = [];
    for (const slice of slices(text))
      for (const word of wordsOf(slice)) for (const id of this.piecesOf(word)) ids.push(id);
    return ids;
  }

  /** Number of tokens, special tokens not counted. */
  count(text: string): number {
    let count = 0;
    for (const slice of slices(text)) for (const word of wordsOf(slice)) count += this.piecesOf(word).length;
    return count;
  }

  private special(token: string): number {
    const id = this.vocabulary.idOf(token);
    if (id === undefined) throw new Error(`tokenizer.json lacks the token ${token}`);
    return id;
  }

  private piecesOf(word: string): readonly number[] {
    const known = this.cache.get(word);
    if (known) return known;
    const pieces = this.split(word);
    if (this.cache.size >= CACHE_LIMIT) this.cache.clear();
    this.cache.set(word, pieces);
    return pieces;
  }

  /** Longest pieces first; a word with a part that the vocabulary lacks is unknown as a whole. */
  private split(word: string): readonly number[] {
    if (word.length > this.maxChars && Array.from(word).length > this.maxChars) return [this.unkId];
    const pieces: number[] = [];
    for (let start = 0; start < word.length;) {
      const piece = this.vocabulary.longestPiece(word, start);
      if (piece === undefined) return [this.unkId];
      pieces.push(piece.id);
      start = piece.end;
    }
    return pieces;
  }
}
