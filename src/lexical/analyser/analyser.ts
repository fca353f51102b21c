import { createRequire } from 'node:module';
import { LISTED_LANGUAGES, stopWordsOf } from '../../common/search/stop-words.js';
import { NAMES_IN_CAPITALS, tokenize } from './tokens.js';
import { foldedLetters } from './written-forms.js';

/** Not imported: of a CommonJS file that is, Node keeps the text twice, and this one has 0.9 MB in each thread. */
const snowball = createRequire(import.meta.url)('snowball-stemmers') as typeof import('snowball-stemmers');

const ALGORITHMS: Readonly<Record<string, string>> = {
  ar: 'arabic',
  hy: 'armenian',
  eu: 'basque',
  ca: 'catalan',
  cs: 'czech',
  da: 'danish',
  nl: 'dutch',
  en: 'english',
  fi: 'finnish',
  fr: 'french',
  de: 'german',
  hu: 'hungarian',
  it: 'italian',
  ga: 'irish',
  nb: 'norwegian',
  nn: 'norwegian',
  no: 'norwegian',
  pt: 'portuguese',
  ro: 'romanian',
  ru: 'russian',
  es: 'spanish',
  sl: 'slovene',
  sv: 'swedish',
  ta: 'tamil',
  tr: 'turkish',
};

/** Endings that the algorithm takes off with their accents only: configuracion, securite. */
const ENDINGS: Readonly<Record<string, readonly [RegExp, string]>> = {
  es: [/(?<=[cs])ion$/, 'ión'],
  pt: [/(?<=.)cao$/, 'ção'],
  fr: [/(?<=..)ite(?=s?$)/, 'ité'],
};

export const DEFAULT_LANGUAGE = 'en';
const CACHE_LIMIT = 50_000;

const HAS_MARKS = /[^ -~]/;
const ARABIC = /^[\u0621-\u06d3]+$/;
const LETTERS_ONLY = /^[\p{L}\p{M}]+$/u;

/** Turns words of one language into terms, remembering what it has seen. */
class Stemmer {
  private readonly cache = new Map<string, string>();
  private readonly algorithm: { stem(word: string): string } | undefined;
  private readonly stopWords: ReadonlySet<string>;
  private readonly endings: readonly [RegExp, string] | undefined;

  constructor(language: string) {
    const name = ALGORITHMS[language];
    this.algorithm = name === undefined ? undefined : snowball.newStemmer(name);
    this.stopWords = stopWordsOf(name === 'norwegian' ? 'no' : language);
    this.endings = ENDINGS[language];
  }

  /** The term of a word; the empty string for a stop word. */
  term(word: string): string {
    const known = this.cache.get(word);
    if (known !== undefined) return known;
    const term = this.uncached(word);
    if (this.cache.size >= CACHE_LIMIT) this.cache.clear();
    // A substring keeps the whole text it was cut from alive; the cache must hold copies.
    const [key, value] = word.length < 13 ? [word, term] : [copy(word), copy(term)];
    this.cache.set(key, value);
    return value;
  }

  private uncached(word: string): string {
    // Where its small letters are a word like others, those do for both.
    if (NAMES_IN_CAPITALS.has(word)) return this.stopWords.has(word.toLowerCase()) ? word : '';
    return this.stopWords.has(word) ? '' : this.stem(word);
  }

  private stem(written: string): string {
    const isArabic = ARABIC.test(written);
    const word = isArabic ? withArticle(written) : this.spelled(written);
    const stem = this.algorithm && LETTERS_ONLY.test(word) ? this.algorithm.stem(word) || word : word;
    if (isArabic) return withoutOrderOfLamAlef(foldedLetters(stem));
    return HAS_MARKS.test(stem) ? foldedLetters(stem) : stem;
  }

  /** As the algorithm knows it: endings whose accents are often left out, and ё, hardly ever written, as е. */
  private spelled(word: string): string {
    if (this.endings !== undefined) return word.replace(this.endings[0], this.endings[1]);
    return word.includes('ё') ? word.replaceAll('ё', 'е') : word;
  }
}

/**
 * Many PDFs hold the ligature of lam and alef the wrong way round, also in the article: "اإلنتاج" for "الإنتاج". Two
 * alefs never stand together, so there the right order is certain.
 */
const withArticle = (word: string): string => word.replace(/^([وفبكل]?)ا([اأإآ])ل/, '$1ال$2');

/** Inside a word it is not: there lams stand before alefs, in what is indexed as in what is asked. */
const withoutOrderOfLamAlef = (word: string): string =>
  word.slice(0, 1) +
  word.slice(1).replace(/[لاأإآ]{2,}/g, (run) => run.replace(/[^ل]/g, '') + run.replaceAll('ل', ''));

const copy = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');

const stemmers = new Map<string, Stemmer>();

/** The stemmer of a language that `analysisLanguage` gave. */
export function stemsOf(language: string): Stemmer {
  let stemmer = stemmers.get(language);
  if (stemmer === undefined) {
    stemmer = new Stemmer(language);
    stemmers.set(language, stemmer);
  }
  return stemmer;
}

/** The code whose analysis a text of this language gets: `de-AT` → `de`, unknown languages → `und`. */
export function analysisLanguage(language: string | null | undefined): string {
  if (!language) return DEFAULT_LANGUAGE;
  const code = language.toLowerCase().split(/[-_]/, 1)[0] ?? '';
  return Object.hasOwn(ALGORITHMS, code) || LISTED_LANGUAGES.has(code) ? code : 'und';
}

/** The terms of a text, in order, with repetitions. The same for indexing and for querying. */
export function analyse(text: string, language?: string | null): string[] {
  const stemmer = stemsOf(analysisLanguage(language));
  const terms: string[] = [];
  tokenize(text, (token) => {
    const term = stemmer.term(token);
    if (term !== '') terms.push(term);
  });
  return terms;
}
