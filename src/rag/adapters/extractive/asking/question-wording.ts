import { stopWordsOf } from '../../../../common/search/stop-words.js';
import type { Analyse } from '../../../analyse.types.js';
import type { Asking } from './asking.types.js';
import { ASKING } from './question-languages.js';
import { unaccented } from './unaccented.js';

/** What kind of thing a question asks for; decides what an answer must contain. */
export type Expectation =
  'person' | 'time' | 'number' | 'place' | 'explanation' | 'confirmation' | 'anything';

/** How a language asks, made for reading. */
export interface Wording {
  /** Of those at the same place the first counts: "how many" before "how". */
  kinds: readonly (readonly [RegExp, Expectation])[];
  /** The same for a question without accents. */
  bareKinds: readonly (readonly [RegExp, Expectation])[];
  confirmation: RegExp | undefined;
  /** What is taken out of a question where words have no ends that stems could take off. */
  little: RegExp | undefined;
  amounts: RegExp;
  times: RegExp;
  reasons: RegExp;
  /** Words that say little, in small letters. */
  words: ReadonlySet<string>;
  language: string;
  /** Capitals do not tell names. */
  nounsInCapitals: boolean;
}

const KINDS = ['person', 'number', 'time', 'place', 'explanation'] as const;
const LETTER = String.raw`[\p{L}\p{M}\p{N}]`;
const DEFAULT_LANGUAGE = 'en';
const WORD = /[\p{L}\p{M}]+/gu;
/** Words of a question that its language is told by. */
const MOST_WORDS = 50;

/** Scripts that are written by one of these languages, or by one first of all. Kana before Han. */
const SCRIPTS: readonly (readonly [RegExp, string])[] = [
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/u, 'ja'],
  [/\p{Script=Hangul}/u, 'ko'],
  [/\p{Script=Han}/u, 'zh'],
  [/\p{Script=Thai}/u, 'th'],
  [/\p{Script=Arabic}/u, 'ar'],
  [/\p{Script=Cyrillic}/u, 'ru'],
  [/\p{Script=Devanagari}/u, 'hi'],
  [/\p{Script=Greek}/u, 'el'],
];
const IN_OTHER_SCRIPTS: ReadonlySet<string> = new Set(SCRIPTS.map(([, language]) => language));

/** French "ou" is "or", and in Vietnamese another tone is another word. */
const isOtherBare = (language: string, kind: Expectation): boolean =>
  language === 'vi' || (language === 'fr' && kind === 'place');

function wordingOf(language: string, asking: Asking): Wording {
  const any = (words: string): string =>
    `(?:${words
      .split(/\s+/)
      .join('|')
      .replaceAll('_', String.raw`\s+`)})`;
  const whole = (words: string, flags = 'iu'): RegExp =>
    new RegExp(asking.unspaced ? any(words) : `(?<!${LETTER})${any(words)}(?!${LETTER})`, flags);
  const confirming = asking.confirming && whole(asking.confirming).source;
  const beginning = asking.confirmation && String.raw`^[\s¿¡]*${any(asking.confirmation)}(?!${LETTER})`;
  const confirms = [confirming, beginning].filter((source) => source !== undefined).join('|');
  const little = asking.unspaced ? [] : asking.little.split(' ');
  return {
    kinds: KINDS.map((kind) => [whole(asking[kind]), kind] as const),
    bareKinds: KINDS.filter((kind) => !isOtherBare(language, kind)).map(
      (kind) => [whole(unaccented(asking[kind])), kind] as const,
    ),
    confirmation: confirms === '' ? undefined : new RegExp(confirms, 'iu'),
    little: asking.unspaced && whole(asking.little, 'giu'),
    amounts: whole(asking.amounts),
    times: whole(asking.times),
    reasons: whole(asking.reasons),
    words: new Set([...stopWordsOf(language), ...little]),
    language,
    nounsInCapitals: asking.nounsInCapitals ?? false,
  };
}

const WORDINGS: ReadonlyMap<string, Wording> = new Map(
  Object.entries(ASKING).map(([language, asking]) => [language, wordingOf(language, asking)]),
);
const LATIN = [...WORDINGS.keys()].filter((language) => !IN_OTHER_SCRIPTS.has(language));

/**
 * The wording of the language that a question is in: by its script, else by how many of its words are ones that say little
 * there. Of those that hold as many it is the language of what was found, else English.
 */
export function wordingFor(text: string, found = DEFAULT_LANGUAGE): Wording {
  const script = SCRIPTS.find(([pattern]) => pattern.test(text))?.[1];
  return WORDINGS.get(script ?? mostLike(text, found))!;
}

function mostLike(text: string, found: string): string {
  const words = (text.toLowerCase().match(WORD) ?? []).slice(0, MOST_WORDS);
  const likeness = (language: string): number =>
    words.filter((word) => WORDINGS.get(language)?.words.has(word)).length;
  let [best, most] = [DEFAULT_LANGUAGE, likeness(DEFAULT_LANGUAGE)];
  for (const language of [found, ...LATIN]) {
    const count = likeness(language);
    if (count > most || (count === most && language === found && LATIN.includes(found)))
      [best, most] = [language, count];
  }
  return best;
}

const known = new WeakMap<Wording, Map<string | undefined, { analyse: Analyse; terms: Set<string> }>>();

/** The words that say little as an analysis in this language has them. */
export function littleTerms(wording: Wording, analyse: Analyse, language: string | undefined): Set<string> {
  let languages = known.get(wording);
  if (!languages) known.set(wording, (languages = new Map()));
  const cached = languages.get(language);
  if (cached?.analyse === analyse) return cached.terms;
  const terms = new Set(analyse([...wording.words].join(' '), language));
  languages.set(language, { analyse, terms });
  return terms;
}
