// Where a word may be broken, and nothing that is seen: soft hyphens, spaces without width, marks of byte order.
const UNSEEN = /[\u00ad\u200b\u2060\ufeff]+/g;
/** Taken for it on a keyboard. One that begins a word may be a letter. */
const LIKE_APOSTROPHE = /(?<=\p{L})[\u00b4\u02bc\u2018](?=\p{L})/gu;
const DOTTED_I = /i\u0307/g;
// NFKC takes the vowel am of Thai and Lao apart, which the dictionary then does not know; some type it so, tone in between.
const [THAI_AM, LAO_AM] = [/\u0e4d([\u0e48-\u0e4b]?)\u0e32/g, /\u0ecd([\u0ec8-\u0ecb]?)\u0eb2/g];
/** The zeros of digits of other scripts; the nine others follow each. */
const ZEROS = Array.from('٠۰०০੦૦୦௦౦೦൦๐໐༠၀០');
const FOREIGN_DIGIT = new RegExp(`[${ZEROS.map((zero) => `${zero}-${digit(zero, 9)}`).join('')}]`, 'g');
function digit(zero: string, value: number): string {
  return String.fromCharCode(zero.charCodeAt(0) + value);
}

const westernDigit = (written: string): string => {
  const zero = ZEROS.find((each) => written >= each && written <= digit(each, 9))!;
  return String(written.charCodeAt(0) - zero.charCodeAt(0));
};

/** A text with what can be written in several ways written in one: NFKC, lower case, digits from 0 to 9. */
export const oneForm = (text: string): string =>
  text
    .toWellFormed()
    .replace(LIKE_APOSTROPHE, "'")
    .normalize('NFKC')
    .toLowerCase()
    .replace(THAI_AM, '$1\u0e33')
    .replace(LAO_AM, '$1\u0eb3')
    .replace(UNSEEN, '')
    .replaceAll('’', "'")
    .replace(DOTTED_I, 'i')
    .replace(FOREIGN_DIGIT, westernDigit);

const FOLDED: Readonly<Record<string, string>> = {
  ı: 'i',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  ø: 'o',
  œ: 'oe',
  æ: 'ae',
  ß: 'ss',
  þ: 'th',
  ی: 'ي',
  ک: 'ك',
};
const FOLDABLE = /[ıđðłøœæßþیک]/g;
/** Devanagari: the dot of borrowed sounds is often left out, and a nasal is written as a letter or as a sign. */
const [NUKTA, NASAL] = [/\u093c/g, /\u0928\u094d(?=[\u0915-\u0939])|\u0901/g];
const DEVANAGARI = /[\u0900-\u097f]/;
const WITH_ACCENTS = /^[!-\u052f\u1e00-\u1fff]+$/;

/**
 * A stem without the accents of Latin, Greek and Cyrillic letters (in other scripts the marks are vowels), and with letters
 * that have no decomposition written as those do who lack them on their keyboard.
 */
export function foldedLetters(stem: string): string {
  if (DEVANAGARI.test(stem)) return stem.replace(NUKTA, '').replace(NASAL, '\u0902');
  const bare = WITH_ACCENTS.test(stem)
    ? stem
        .normalize('NFD')
        .replace(/[\u0300-\u036f]+/g, '')
        .normalize('NFC')
    : stem;
  return bare.replace(FOLDABLE, (letter) => FOLDED[letter]!);
}
