import { stopWordsOf } from '../../../../common/search/stop-words.js';
import { ASKING } from './question-languages.js';

/** In Vietnamese another tone is another word. Elsewhere these, without their accents, are words that tell something. */
const TELLING: Readonly<Record<string, string>> = {
  cs: 'byt',
  de: 'uber',
  fr: 'ca',
  pt: 'ha sao',
  ro: 'pana',
  sv: 'ar',
  tr: 'su',
};
const WITHOUT_TONES_ANOTHER = 'vi';
const NAME = /^\p{Lu}{2,}$/u;
const WORD = /[\p{L}\p{M}]+/gu;
/** Of scripts in which accents are left out; in others marks are vowels. */
const LETTER = /[\u00c0-\u024f\u0370-\u03ff\u1e00-\u1fff]/g;

/** A text without accents, letter for letter. */
export const unaccented = (text: string): string =>
  text.replace(LETTER, (letter) =>
    letter === 'ı' ? 'i' : letter.normalize('NFD').replace(/[\u0300-\u036f]+/g, ''),
  );

const known = new Map<string, ReadonlySet<string>>();

function littleIn(language: string): ReadonlySet<string> {
  let words = known.get(language);
  if (!words) {
    const telling = new Set(TELLING[language]?.split(' '));
    const all = language === WITHOUT_TONES_ANOTHER ? [] : [...stopWordsOf(language)].map(unaccented);
    known.set(language, (words = new Set(all.filter((word) => !telling.has(word)))));
  }
  return words;
}

/**
 * A question without the words that say little where they are typed in capitals, or without their accents. Languages that
 * have no wording of questions have stop words.
 * @param wording language of the question
 * @param found language of what was found
 */
export function withoutBareWords(text: string, wording: string, found: string | undefined): string {
  const language = found !== undefined && !Object.hasOwn(ASKING, found) ? found : wording;
  const little = littleIn(language);
  const isGreek = language === 'el';
  const isShouted = !/\p{Ll}/u.test(text);
  return text.replace(WORD, (written) => {
    // `IT`, `US` and `WHO` are names where the rest is not in capitals.
    if (!isShouted && NAME.test(written)) return written;
    const word = written.toLowerCase();
    const bare = unaccented(word);
    // A word with its accents is told by them; Greek ones stand where they will.
    return little.has(bare) && (isGreek || bare === word) ? ' ' : written;
  });
}
