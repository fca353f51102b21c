// Where a word may be broken or its letters are joined, and nothing that is seen: soft hyphens, spaces without width, marks
// of byte order, joiners. One that parts letters of Arabic stands between the parts of a Persian word.
const UNSEEN = /[\u200d\u00ad\u200b\u2060\ufeff]+|(?<![\u0600-\u08ff])\u200c/g;
/** Letters without their vowel, as they were written before they had a code of their own: Malayalam, and one of Bengali. */
const BARE: Readonly<Record<string, string>> = {
  ണ: 'ൺ',
  ന: 'ൻ',
  ര: 'ർ',
  ല: 'ൽ',
  ള: 'ൾ',
  ക: 'ൿ',
  ত: 'ৎ',
};
const WITH_JOINER = /([ണനരലളകত])[\u0d4d\u09cd]\u200d/g;
const HEBREW = /[\u0590-\u05ff]/;
const POINTS = /[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]+/g;
/** Geresh and gershayim, which are hardly ever on the keyboard. */
const GERESH = /(?<=[\u05d0-\u05ea])(?:[\u05f3\u05f4]|["'\u2019\u201c\u201d](?=[\u05d0-\u05ea]))/g;
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

/** A text without the points of Hebrew letters and the signs of abbreviations, which are no quotation marks. */
export const withoutPoints = (text: string): string =>
  HEBREW.test(text) ? text.replace(POINTS, '').replace(GERESH, '') : text;

/** A text with what can be written in several ways written in one: NFKC, lower case, digits from 0 to 9. */
export const oneForm = (text: string): string =>
  withoutPoints(text.toWellFormed().replace(LIKE_APOSTROPHE, "'").normalize('NFKC'))
    .toLowerCase()
    .replace(THAI_AM, '$1\u0e33')
    .replace(LAO_AM, '$1\u0eb3')
    .replace(WITH_JOINER, (_, letter: string) => BARE[letter]!)
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
