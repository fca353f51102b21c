import { calm } from '../../common/search/calm.js';
import { isPeriod } from '../../common/search/file-name.js';
import { analysisLanguage, DEFAULT_LANGUAGE, stemsOf } from './analyser.js';
import { emptyWords } from './empty-words.js';
import { NAME_AND_NUMBER, tokenize } from './tokens.js';
import { withoutPoints } from './written-forms.js';

// A question is short; what is pasted as one must not stop the thread that answers everybody.
const MAX_QUERY_LENGTH = 20_000;
/** Each is looked up in every segment; a text of this length has hardly more, but for scripts whose words are short. */
const MOST_WORDS = 2_000;
const MOST_EXACT = 8;

const QUOTED = /["“”„«»「『]([^"“”„«»「」『』\n]{2,200})["“”«»」』]/g;
// In scripts without spaces the words around an identifier belong to the run of letters; in Korean and Hebrew some do.
const CHARACTER = String.raw`[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Nd}]`;
const APART = `(?<!${CHARACTER})`;
const ENDS = `(?!${CHARACTER})`;
/** AMD-2022Q2, CVE-2021-44228, ORA-00942, 10.1038/s41586; E1234, 2022Q2; ERR_CONNECTION_REFUSED; and plain words. */
const TIED = new RegExp(`${APART}${CHARACTER}+(?:[-_./:#@]${CHARACTER}+)*`, 'gu');
/** Longer ones are encoded data, and name nothing. */
const LONGEST_TIED = 256;
const NUMBERED_NAME = new RegExp(
  [
    // ISO 27001, RFC 9110.
    String.raw`${APART}[A-Z]{2,10}[ \u00a0]\d{2,}${ENDS}`,
    // iso 27001, ticket 4711; 4711829.
    String.raw`(?<!${CHARACTER}|[_./:#@,-])(?:(?<!\p{L})\p{L}{2,6}[ \u00a0])?\d{3,}(?!${CHARACTER}|%|[-_./:#@,]\p{N})`,
  ].join('|'),
  'gu',
);
/** A number as it is written under a name, with the short word before it. */
const NUMBERED = /^(?:\p{L}{2,6}[ \u00a0])?(\d+)$/u;
/** 2.3.1, v2.3.1, 192.168.10.25. */
const VERSION = /^v?\d+(?:\.\d+){2,}$/i;
const YEAR = /^(?:19|20)\d\d$/;
/** EPS 2019, NATO 1999. */
const IN_A_YEAR = /^[A-Z]+[ \u00a0](?:19|20)\d\d$/;
const ROUND = /00$/;
const WORD = /^[\p{L}\p{N}]{2,}$/u;
const SINGLE_LETTER = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]$/u;

/** Terms that stand together in the query: as a phrase in quotation marks, or as an identifier. */
export interface ExactPhrase {
  kind: 'quoted' | 'identifier';
  /** One sequence of terms for each language; any of them will do. */
  alternatives: string[][];
}

export interface QueryAnalysis {
  /** Distinct terms with how often each occurs. */
  terms: Map<string, number>;
  /** Neighbours, without repetitions. */
  pairs: [string, string][];
  exact: ExactPhrase[];
}

/**
 * What a query asks for. Without a language, a word stands for its stems in each of the languages that the index
 * holds, so that a query whose language is unsure still finds; stop words of its own language are none in any.
 */
export function analyseQuery(
  text: string,
  language: string | undefined,
  indexLanguages: Iterable<string> = [],
): QueryAnalysis {
  const query = withoutPoints(calm(text.slice(0, MAX_QUERY_LENGTH)));
  const languages = language
    ? [analysisLanguage(language)]
    : [...new Set([DEFAULT_LANGUAGE, ...indexLanguages])];
  const asked = tokensOf(query);
  const empty = emptyWords(asked, languages);
  const telling = empty.size > 0 ? asked.filter((token) => !empty.has(token)) : asked;
  const tokens = telling.slice(0, MOST_WORDS);
  const terms = new Map<string, number>();
  for (const token of worthAlone(tokens, languages))
    for (const term of new Set(languages.map((code) => stemsOf(code).term(token))))
      if (term !== '') terms.set(term, (terms.get(term) ?? 0) + 1);
  const pairs = new Map<string, [string, string]>();
  for (const sequence of sequences(tokens, languages))
    for (let i = 1; i < sequence.length; i++) {
      const [a, b] = [sequence[i - 1]!, sequence[i]!];
      pairs.set(`${a}\0${b}`, [a, b]);
    }
  return {
    terms,
    pairs: [...pairs.values()],
    exact: exactPhrases(query, languages, mostTerms(tokens, languages)),
  };
}

/**
 * A single letter tells something beside its neighbour only: the D of "vitamin D" is asked for by their pair. On its own it
 * would weigh as much as the subject of the question, and be met in every initial.
 */
function worthAlone(tokens: readonly string[], languages: readonly string[]): readonly string[] {
  const tells = (token: string): boolean =>
    WORD.test(token) && languages.every((code) => stemsOf(code).term(token) !== '');
  return tokens.some(tells) ? tokens.filter((token) => !SINGLE_LETTER.test(token)) : tokens;
}

/**
 * Quoted phrases, and identifiers that are what is asked for: a number of three digits or more names something (ISO
 * 27001, ORA-00942), an underscore does (ERR_CONNECTION_REFUSED), a version or an address of three numbers or more does, and
 * so does what makes up half of the query. Shorter ones inside a sentence (`p53`, `IL-6`) are words like others: putting
 * what holds them first costs SciFact 0.007. Without capitals or signs a number has to be longer, and neither a year nor a
 * round one. A period (`FY2018`, `2022Q2`) names nothing: what is asked about it stands where it is written another way.
 */
function exactPhrases(query: string, languages: readonly string[], terms: number): ExactPhrase[] {
  const found: ExactPhrase[] = [];
  const add = (kind: ExactPhrase['kind'], text: string): void => {
    const forms = [text, text.replace(NAME_AND_NUMBER, '$1 $2')];
    const alternatives = [...new Set(forms)]
      .flatMap((form) => sequences(tokensOf(form), languages))
      .filter((sequence) => sequence.length > 0);
    if (alternatives.length > 0 && found.length < MOST_EXACT) found.push({ kind, alternatives });
  };
  for (const [, phrase] of query.matchAll(QUOTED)) add('quoted', phrase!);
  for (const identifier of identifiers(query.replaceAll(QUOTED, ' '))) {
    if (isPeriod(identifier)) continue;
    const own = mostTerms(tokensOf(identifier), languages);
    if (names(identifier, own, own * 2 >= terms)) add('identifier', identifier);
    // The word before a long number need not be a part of its name: "who paid 4711829?".
    const number = own > 1 ? numberIn(identifier) : undefined;
    if (number !== undefined && names(number, 1, false)) add('identifier', number);
  }
  return found;
}

/** What may name something, in order and apart from each other. */
function* identifiers(text: string): Generator<string> {
  let [tied, numbered] = [nextTied(text, 0), next(NUMBERED_NAME, text, 0)];
  while (tied || numbered) {
    const first = !tied || (numbered && comesFirst(numbered, tied)) ? numbered! : tied;
    yield first[0];
    const end = first.index + first[0].length;
    if (tied && tied.index < end) tied = nextTied(text, end);
    if (numbered && numbered.index < end) numbered = next(NUMBERED_NAME, text, end);
  }
}

/** Of two at the same place a name in capitals with its number, as in `ISO 27001-A`, before what the name is tied to. */
const comesFirst = (numbered: RegExpExecArray, tied: RegExpExecArray): boolean =>
  numbered.index < tied.index || (numbered.index === tied.index && /^[A-Z]{2}/.test(numbered[0]));

function nextTied(text: string, from: number): RegExpExecArray | undefined {
  let found = next(TIED, text, from);
  while (found && !isTied(found[0])) found = next(TIED, text, found.index + found[0].length);
  return found;
}

const isTied = (word: string): boolean =>
  word.length <= LONGEST_TIED &&
  (word.includes('_') ||
    VERSION.test(word) ||
    (/\p{N}/u.test(word) && (word.includes('/') || /\p{L}/u.test(word))));

function next(pattern: RegExp, text: string, from: number): RegExpExecArray | undefined {
  pattern.lastIndex = from;
  return pattern.exec(text) ?? undefined;
}

/** Whether it names something. `own`: its terms, stop words left out; `half`: these are half of the query. */
function names(identifier: string, own: number, half: boolean): boolean {
  const number = numberIn(identifier);
  if (IN_A_YEAR.test(identifier)) return false;
  if (number === undefined)
    return half || identifier.includes('_') || /\p{N}{3}/u.test(identifier) || VERSION.test(identifier);
  if (YEAR.test(number)) return false;
  if (own > 1 && half) return true;
  return !ROUND.test(number) && number.length > (own > 1 || half ? 3 : 4);
}

/** The number of `iso 27001` or `4711829`; capitals before it say that both are one name. */
const numberIn = (identifier: string): string | undefined =>
  /^[A-Z]{2}/.test(identifier) ? undefined : NUMBERED.exec(identifier)?.[1];

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  tokenize(text, (token) => tokens.push(token));
  return tokens;
}

/** Distinct terms in the language that has most: the number of languages in the index must not matter. */
const mostTerms = (tokens: readonly string[], languages: readonly string[]): number =>
  sequences(tokens, languages).reduce((most, sequence) => Math.max(most, new Set(sequence).size), 0);

/** The terms in each language, in order, without stop words; those of different languages that are alike once. */
function sequences(tokens: readonly string[], languages: readonly string[]): string[][] {
  const distinct = new Map<string, string[]>();
  for (const code of languages) {
    const sequence = tokens.map((token) => stemsOf(code).term(token)).filter((term) => term !== '');
    distinct.set(sequence.join('\0'), sequence);
  }
  return [...distinct.values()];
}
