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
interface Print {
  /** Words, numbers and signs in their order; of a short text also what it stands under. */
  key: string;
  /**
   * Numbers, signs, names and negations in their order: texts that differ in one say different things, however alike they
   * are.
   */
  facts: string;
  letters: number;
  shingles: ReadonlySet<number>;
}

/** Finds passages that say nothing beyond what another one said already. */
export class NearDuplicates {
  private readonly prints: Print[] = [];
  private readonly keys = new Set<string>();

  /**
   * True for a passage that is one of those before it: the same words, numbers and signs in the same order, whatever their
   * case, spacing and punctuation. With `nearly`, also for a long one that differs in a few ordinary words: fit for putting
   * it behind others, but not for leaving it out, since one word may turn what is said. Any other is remembered.
   */
  repeats(passage: Told, { nearly }: { nearly: boolean }): boolean {
    const tokens = tokensOf(passage.text);
    const key = keyOf(passage, tokens);
    if (this.keys.has(key)) return true;
    if (!nearly) {
      this.keys.add(key);
      return false;
    }
    const print = printOf(key, tokens);
    if (this.prints.some((other) => areAlike(other, print))) return true;
    this.keys.add(key);
    this.prints.push(print);
    return false;
  }
}

function tokensOf(text: string): string[] {
  const seen = text
    .normalize('NFC')
    .replace(HIDDEN, '')
    .replace(QUOTES, ' ')
    .replace(DIVIDING, ' ')
    .replace(DASH, ' ')
    .replaceAll('’', "'");
  return seen.replace(/[‐‑–—−]/g, '-').match(TOKEN) ?? [];
}

function keyOf({ title, heading_path }: Told, tokens: readonly string[]): string {
  // A word behind a number may be a unit: a milliwatt is no megawatt.
  const key = tokens
    .map((token, i) => (i > 0 && /^\p{N}/u.test(tokens[i - 1]!) ? token : token.toLowerCase()))
    .join(' ');
  return key.length < STANDS_ALONE ? JSON.stringify([key, title, heading_path]) : key;
}

function printOf(key: string, tokens: readonly string[]): Print {
  const facts = tokens.filter((token) => !ORDINARY.test(token) || isNegation(token));
  const letters = tokens.join('').toLowerCase();
  return { key, facts: facts.join(' '), letters: letters.length, shingles: sampled(letters) };
}

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

const areAlike = (one: Print, other: Print): boolean =>
  one.facts === other.facts &&
  Math.abs(one.letters - other.letters) <= LENGTH + one.letters * (1 - SHARE) &&
  holds(one, other) &&
  holds(other, one);

/** Whether nearly all of `part` stands in `whole`. */
function holds(whole: Print, part: Print): boolean {
  if (part.shingles.size < FEWEST) return false;
  let misses = 0;
  const most = part.shingles.size * (1 - SHARE);
  for (const shingle of part.shingles) if (!whole.shingles.has(shingle) && ++misses > most) return false;
  return true;
}

const isNegation = (word: string): boolean => NEGATIONS.has(word) || word.endsWith("n't");
