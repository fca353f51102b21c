/** Letters of one shingle: what two texts share of this length is not shared by chance. */
const LENGTH = 24;
/** One shingle of so many is looked at, the same ones in every text, so shares stay comparable. */
const SAMPLE = 4;
/** Of texts with fewer shingles in the sample a share says nothing. */
const FEWEST = 16;
/** Of the shingles of the one that stand in the other. */
const SHARE = 0.95;
const BASE = 0x01000193;
/** Far the most texts are plain, and plain expressions are several times as fast. */
const PLAIN = /^[\0-\x7f]*$/;
const PLAIN_FORM = { between: /[^a-z0-9]+/g, number: /[0-9]/ };
const ANY_FORM = { between: /[^\p{L}\p{N}]+/gu, number: /\p{N}/u };

/** What a text is compared by. */
interface Print {
  letters: string;
  shingles: ReadonlySet<number>;
  /** Numbers and identifiers: texts that differ in one say different things, however alike they are. */
  numbers: ReadonlySet<string>;
}

/** Finds texts that say nothing beyond what another one said already. */
export class NearDuplicates {
  private readonly prints: Print[] = [];

  /**
   * True for a text that is, but for punctuation and a word or two, one of the texts before it; where `within`, also for
   * one that is a part of such a text. Any other is remembered.
   */
  repeats(text: string, { within }: { within: boolean }): boolean {
    const print = printOf(text);
    const repeated = this.prints.some(
      (other) => (within || alike(other, print)) && holds(other, print) && (within || holds(print, other)),
    );
    if (!repeated) this.prints.push(print);
    return repeated;
  }
}

function printOf(text: string): Print {
  const isPlain = PLAIN.test(text);
  const lower = (isPlain ? text : text.normalize('NFKC')).toLowerCase();
  const { between, number } = isPlain ? PLAIN_FORM : ANY_FORM;
  const letters = lower.replace(between, '');
  const numbers = number.test(lower) ? lower.split(between).filter((word) => number.test(word)) : [];
  return { letters, shingles: sampled(letters), numbers: new Set(numbers) };
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

/** Whether they may be nearly the same at all. */
const alike = (one: Print, other: Print): boolean =>
  Math.abs(one.letters.length - other.letters.length) <= LENGTH + one.letters.length * (1 - SHARE);

/** Whether nearly all of `part` stands in `whole`. */
function holds(whole: Print, part: Print): boolean {
  for (const number of part.numbers) if (!whole.numbers.has(number)) return false;
  if (whole.letters === part.letters) return true;
  if (part.letters.length > whole.letters.length * 1.2 || part.shingles.size < FEWEST) return false;
  let misses = 0;
  const most = part.shingles.size * (1 - SHARE);
  for (const shingle of part.shingles) if (!whole.shingles.has(shingle) && ++misses > most) return false;
  return true;
}
