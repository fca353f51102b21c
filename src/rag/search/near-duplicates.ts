/** Letters of one shingle: what two texts share of this length is not shared by chance. */
const LENGTH = 24;
/** One shingle of so many is looked at, the same ones in every text, so shares stay comparable. */
const SAMPLE = 4;
/** Of texts with fewer shingles in the sample a share says nothing. */
const FEWEST = 16;
/** Of the shingles of the one that stand in the other. */
const SHARE = 0.95;
const BASE = 0x01000193;

/** A shorter text says what it says under its title and headings: "The fee is 500." is one thing in each document. */
const STANDS_ALONE = 120;

/** Numbers with what stands inside them, words with their apostrophes, and every other sign by itself. */
const TOKEN = /\p{N}+(?:[.,:'’]\p{N}+)*|[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*|[^\s]/gu;
/** The same, three times as fast. */
const ASCII_TOKEN = /\d+(?:[.,:']\d+)*|[A-Za-z]+(?:'[A-Za-z]+)*|\S/g;
// oxlint-disable-next-line no-control-regex
const ASCII_ONLY = /^[\x00-\x7f]*$/;
/** Seen by nobody. */
const HIDDEN = /[\u00ad\u200b\ufeff]/g;
/** Quotation marks; not behind a digit (inches), and no apostrophes. */
const QUOTES = /(?<!\p{N}\s?)(?:["“”„«»‹›「」『』]|(?<!\p{L})['‘’]|['‘’](?!\p{L}))/gu;
/** What only divides a text: full stops and commas but before a digit. */
const DIVIDING = /[.,;:…。、，；：·](?!\p{N})|(?<=\p{L}{2}\s*)[!！]/gu;
/** A dash between words that stand apart from it. */
const DASH = /(?<=\p{L}{2}\s+)[-‐‑–—]+(?=\s+\p{L})/gu;
/** A word of an alphabet with capitals, written without one: whatever it is, it is no name. */
const ORDINARY = /^\p{Ll}[\p{Ll}\p{M}'’]*$/u;
/** With these a text says the opposite, in the languages that are met most. */
const NEGATIONS = new Set(
  `no not non none nor neither never nothing nobody nowhere without cannot hardly barely except unless only
   nicht kein keine keinen keinem keiner keines nie niemals nichts ohne weder außer nur
   ne pas jamais aucun aucune rien sans ni sauf nunca nada ningún ninguna ninguno sin sino mai senza né nessun nessuna niente
   não nem sem nenhum nenhuma niet geen nooit zonder inte ej aldrig utan icke ikke uten uden nie nigdy bez ani nikdy není
   не нет ни никогда без нельзя ei eivät değil yok nem sem δεν μη μην χωρίς nu niciodată fără tidak bukan tanpa không`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** A passage, with what tells where it stands. */
export interface Told {
  text: string;
  title: string | null;
  heading_path: readonly string[];
}

/** What a passage is compared by. */
interface Print<P> {
  passage: P;
  letters: string;
  /** Taken only of what is compared. */
  shingles?: ReadonlySet<number>;
}

/** Finds passages that say nothing beyond what another one said already. */
export class NearDuplicates<P extends Told> {
  /** By their facts: no others are alike. */
  private readonly prints = new Map<string, Print<P>[]>();
  private readonly keys = new Map<string, P>();

  /**
   * The one of those before it that a passage repeats: the same words, numbers and signs in the same order, whatever their
   * case, spacing and punctuation. With `nearly`, also for a long one that differs in a few ordinary words: fit for putting
   * it behind others, but not for leaving it out, since one word may turn what is said. Any other is remembered.
   */
  repeated(passage: P, { nearly }: { nearly: boolean }): P | undefined {
    const tokens = tokensOf(passage.text);
    const key = keyOf(passage, tokens);
    const same = this.keys.get(key);
    if (same) return same;
    if (!nearly) {
      this.keys.set(key, passage);
      return undefined;
    }
    const facts = factsOf(tokens);
    const print: Print<P> = { passage, letters: tokens.join('').toLowerCase() };
    const others = this.prints.get(facts) ?? [];
    const alike = others.find((other) => areAlike(other, print));
    if (alike) return alike.passage;
    this.keys.set(key, passage);
    this.prints.set(facts, others);
    others.push(print);
    return undefined;
  }
}

function tokensOf(text: string): string[] {
  const seen = text
    .normalize('NFC')
    .replace(HIDDEN, '')
    .replace(QUOTES, ' ')
    .replace(DIVIDING, ' ')
    .replace(DASH, ' ')
    .replaceAll('’', "'")
    .replace(/[‐‑–—−]/g, '-');
  return seen.match(ASCII_ONLY.test(seen) ? ASCII_TOKEN : TOKEN) ?? [];
}

function keyOf({ title, heading_path }: Told, tokens: readonly string[]): string {
  // A word behind a number may be a unit: a milliwatt is no megawatt.
  const key = tokens
    .map((token, i) => (i > 0 && /^\p{N}/u.test(tokens[i - 1]!) ? token : token.toLowerCase()))
    .join(' ');
  return key.length < STANDS_ALONE ? JSON.stringify([key, title, heading_path]) : key;
}

/**
 * Numbers, signs, names and negations in their order: texts that differ in one say different things, however alike they
 * are.
 */
const factsOf = (tokens: readonly string[]): string =>
  tokens.filter((token) => !ORDINARY.test(token) || isNegation(token)).join(' ');

/** Rolling hashes of every `LENGTH` letters, those of the sample. */
function sampled(letters: string): Set<number> {
  const found = new Set<number>();
  let leaving = 1;
  for (let i = 0; i < LENGTH; i++) leaving = Math.imul(leaving, BASE);
  let hash = 0;
  for (let i = 0; i < letters.length; i++) {
    hash = (Math.imul(hash, BASE) + letters.charCodeAt(i)) | 0;
    if (i >= LENGTH) hash = (hash - Math.imul(leaving, letters.charCodeAt(i - LENGTH))) | 0;
    // The lowest bits are those of the last letters alone.
    if (i >= LENGTH - 1 && (Math.imul(hash, 0x9e3779b1) >>> 24) % SAMPLE === 0) found.add(hash);
  }
  return found;
}

function areAlike(one: Print<unknown>, other: Print<unknown>): boolean {
  const [length, ofOther] = [one.letters.length, other.letters.length];
  if (Math.abs(length - ofOther) > LENGTH + length * (1 - SHARE)) return false;
  one.shingles ??= sampled(one.letters);
  other.shingles ??= sampled(other.letters);
  return holds(one.shingles, other.shingles) && holds(other.shingles, one.shingles);
}

/** Whether nearly all of `part` stands in `whole`. */
function holds(whole: ReadonlySet<number>, part: ReadonlySet<number>): boolean {
  if (part.size < FEWEST) return false;
  let misses = 0;
  const most = part.size * (1 - SHARE);
  for (const shingle of part) if (!whole.has(shingle) && ++misses > most) return false;
  return true;
}

const isNegation = (word: string): boolean => NEGATIONS.has(word) || word.endsWith("n't");
