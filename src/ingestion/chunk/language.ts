import { LISTED_LANGUAGES, stopWordsOf } from '../../common/search/stop-words.js';

/** Characters that are looked at, from the beginning, the middle and the end: a foreign imprint must not decide. */
const SAMPLE = 1_200;
/** With fewer letters than this, names are mistaken for some language or other. */
const FEW_LETTERS = 24;
/**
 * From here on the likeliest language is right on every text tried; below, one in Latin letters must lead clearly. In
 * other scripts those that are alike (Hindi and Marathi) are analysed alike.
 */
const MANY_LETTERS = 120;
const CLEAR_LEAD = 0.08;
const LATIN = /\p{Script=Latin}/u;
/** Share of stop words among the words of running text, at the least. */
const RUNNING = 0.2;
/** So many, and twice as many as of the likeliest language, and the text is in the language of these. */
const TELLING = 5;

/**
 * The language that a text is written in as an ISO 639-1 code, one of sixty; undefined where that is unsure.
 * Takes about half a millisecond, and a second and 30 MB once.
 */
export async function detectLanguage(text: string): Promise<string | undefined> {
  const sample = sampleOf(text);
  const letters = sample.match(/\p{L}/gu)?.length ?? 0;
  if (letters < FEW_LETTERS) return undefined;
  const { eld } = await import('eld/extrasmall');
  const found = eld.detect(sample);
  if (found.language === '' || !found.isReliable()) return undefined;
  const other = byStopWords(sample, found.language);
  if (other !== undefined) return other;
  const [first = 0, second = 0] = Object.values(found.getScores()).sort((a, b) => b - a);
  const sure = letters >= MANY_LETTERS || first - second >= CLEAR_LEAD || !LATIN.test(sample);
  return sure ? found.language : undefined;
}

/** Lists of foreign names look like the names' language; the words between them tell. Undefined where they agree. */
function byStopWords(sample: string, likeliest: string): string | undefined {
  if (!LISTED_LANGUAGES.has(likeliest) || !isMostlyLatin(sample)) return undefined;
  const words = sample.toLowerCase().match(/\p{L}+/gu) ?? [];
  const count = (language: string): number => {
    const stopWords = stopWordsOf(language);
    return words.reduce((sum, word) => sum + (stopWords.has(word) ? 1 : 0), 0);
  };
  const own = count(likeliest);
  if (own >= words.length * RUNNING) return undefined;
  let [best, most] = [undefined as string | undefined, Math.max(TELLING, 2 * own) - 1];
  for (const language of LISTED_LANGUAGES) {
    const found = count(language);
    if (found > most) [best, most] = [language, found];
  }
  return best === likeliest ? undefined : best;
}

/** Other scripts tell the language themselves, whatever names and titles stand between. */
const isMostlyLatin = (sample: string): boolean =>
  (sample.match(/\p{Script=Latin}/gu)?.length ?? 0) * 2 > (sample.match(/\p{L}/gu)?.length ?? 0);

function sampleOf(text: string): string {
  if (text.length <= SAMPLE) return text;
  const part = Math.floor(SAMPLE / 3);
  const middle = Math.floor((text.length - part) / 2);
  return [text.slice(0, part), text.slice(middle, middle + part), text.slice(-part)].join(' ').toWellFormed();
}
