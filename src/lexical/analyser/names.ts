import { isFileName, spacedName, withoutEnding } from '../../common/search/file-name.js';
import { analyse, analysisLanguage, DEFAULT_LANGUAGE, stemsOf } from './analyser.js';
import { emptyWords } from './empty-words.js';
import { MAX_TOKEN_LENGTH, NAMES_IN_CAPITALS, tokenize } from './tokens.js';

/** Words of a name, or of a question, that are looked at. */
const MOST_ATOMS = 48;
/** Each is looked up in every segment, and a question may be read in many languages. */
const MOST_QUERY_TERMS = 160;

// Names of files abbreviate what questions spell out: `Q2` is the second quarter. Only where the words stand together.
const ORDINALS: readonly RegExp[] = [
  /^(?:first|1st|erste[nrs]?|premier|1er|primer|primo|primeiro|eerste)$/,
  /^(?:second|2nd|zweite[nrs]?|deuxième|segundo|secondo|tweede)$/,
  /^(?:third|3rd|dritte[nrs]?|troisième|tercer|terzo|terceiro|derde)$/,
  /^(?:fourth|4th|vierte[nrs]?|quatrième|cuarto|quarto|vierde)$/,
];
const QUARTER = /^(?:quarters?|quartals?|trimestres?|kwartaal)$/;
const HALF = /^(?:half|halbjahre?s?|semestres?|halfjaar)$/;
const FISCAL = /^(?:fiscal|financial)$/;
const CJK_QUARTER = /第([1-4一二三四])(?:季度|季|四半期)/gu;

/** What a document is called: a title that is the name of a file counts as such, and not as a title as well. */
export function calledBy({ title, fileName }: { title: string | null; fileName: string | null }): {
  title: string;
  name: string;
} {
  if (fileName !== null || title === null || !isFileName(title))
    return { title: title ?? '', name: fileName ?? '' };
  return { title: '', name: title };
}

/**
 * What a file name can be found by, each term once: its words, runs of them that were written without a gap, and what
 * stands apart only because of a sign (`10-K` is `10K` too). Its ending is no part of it.
 */
export function nameTerms(fileName: string, language: string | null | undefined): string[] {
  const name = withoutEnding(fileName);
  const atoms = atomsOf(name);
  const words = [...atoms, ...periods(atoms, name)];
  const runs =
    name
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  words.push(...runs.slice(0, MOST_ATOMS).filter((run) => run.length <= MAX_TOKEN_LENGTH));
  const small = inSmallLetters(atoms);
  for (let i = 1; i < small.length; i++) {
    const [a, b] = [small[i - 1]!, small[i]!];
    if (Math.min(a.length, b.length) <= 2 && mayJoin(a + b)) words.push(a + b);
  }
  return distinctTerms(words, [analysisLanguage(language)]);
}

/** A name's terms in order, as it is written and then word by word: where a query's phrases are looked for. */
export const writtenName = (fileName: string, language: string | null | undefined): string[] =>
  analyse(`${fileName} ${withoutEnding(fileName).replaceAll('_', ' ')}`, language);

/** The terms of a query that names of files are looked through for. */
export function nameQueryTerms(
  text: string,
  language: string | undefined,
  indexLanguages: Iterable<string> = [],
): string[] {
  const languages = language
    ? [analysisLanguage(language)]
    : [...new Set([DEFAULT_LANGUAGE, ...indexLanguages])];
  const atoms = atomsOf(text);
  const words = [...atoms, ...periods(atoms, text)];
  const small = inSmallLetters(atoms);
  const isStopWord = small.map((atom) => languages.some((code) => stemsOf(code).term(atom) === ''));
  // `AMERICANEXPRESS_2022` is asked for as "American Express", `BankOfAmerica` as "Bank of America".
  for (let from = 0; from < small.length; from++)
    for (let to = from + 2; to <= Math.min(small.length, from + 3); to++)
      if (!isStopWord[from] && !isStopWord[to - 1]) {
        const run = small.slice(from, to).join('');
        if (mayJoin(run)) words.push(run);
      }
  const empty = emptyWords(atoms, languages);
  const telling = words.filter((word) => !empty.has(word));
  return distinctTerms(telling, languages).slice(0, MOST_QUERY_TERMS);
}

function atomsOf(text: string): string[] {
  const atoms: string[] = [];
  tokenize(spacedName(text), (token) => atoms.push(token));
  return atoms.slice(0, MOST_ATOMS);
}

const inSmallLetters = (atoms: readonly string[]): string[] =>
  atoms.filter((atom) => !NAMES_IN_CAPITALS.has(atom));

/** "second quarter" → `q2`, "first half" → `h1`. */
function periods(atoms: readonly string[], text: string): string[] {
  const found: string[] = [];
  for (let i = 0; i + 1 < atoms.length; i++) {
    const number = ORDINALS.findIndex((pattern) => pattern.test(atoms[i]!)) + 1;
    if (number === 0) continue;
    const of = FISCAL.test(atoms[i + 1]!) ? (atoms[i + 2] ?? '') : atoms[i + 1]!;
    if (QUARTER.test(of)) found.push(`q${number}`);
    else if (HALF.test(of) && number <= 2) found.push(`h${number}`);
  }
  for (const [, number] of text.matchAll(CJK_QUARTER)) {
    const place = '一二三四'.indexOf(number!);
    found.push(`q${place < 0 ? number : place + 1}`);
  }
  return found;
}

/** Two numbers are no third one, and scripts without spaces have no gaps to close. */
const mayJoin = (run: string): boolean => /^[\p{sc=Latin}\p{N}]+$/u.test(run) && !/^\p{N}+$/u.test(run);

/** In each of the languages; stop words left out. */
function distinctTerms(words: readonly string[], languages: readonly string[]): string[] {
  const terms = new Set<string>();
  for (const word of words) for (const code of languages) terms.add(stemsOf(code).term(word));
  terms.delete('');
  return [...terms];
}
