import type { QueryAnalysis } from '../../analyser/query.js';
import { BM25, PAIRING } from '../../engine/bm25.js';
import { encodeTerm } from './term-encoding.js';

type Level = keyof typeof BM25;

/** Characters of a text's words that are read back to look for neighbours: those of some 5,000 words. */
export const READ_BACK = 32_768;
/** Words of the second probe text, see `statisticsOf`. */
export const FILLER = 100;
/** An identifier that is everywhere tells nothing apart, as in the engine. */
const RARE = 200;
const FEW = 5;

/** What the index says of one word: its scores of two made texts. */
export interface Probe {
  word: string;
  /** Of the word alone. */
  alone: number;
  /** Of the word among `FILLER` others. */
  among: number;
}

export interface Statistics {
  idf: Map<string, number>;
  /** k1 × b over the average length. */
  slope: number;
}

/**
 * The extension does not tell how many texts hold a word, nor how long they are on average; but it scores any text, and
 * two texts of known lengths give both.
 */
export function statisticsOf(probes: readonly Probe[], level: Level): Statistics {
  const { k1, b } = BM25[level];
  const constant = 1 + k1 * (1 - b);
  const known = probes.filter(({ alone, among }) => alone > among && among > 0);
  const slopes = known.map(({ alone, among }) => {
    const ratio = alone / among;
    return (constant * (ratio - 1)) / Math.max(1e-9, 1 + FILLER - ratio);
  });
  const slope = slopes.sort((a, c) => a - c)[slopes.length >> 1] ?? 0;
  const idf = known.map(({ word, alone }): [string, number] => [
    word,
    (alone * (constant + slope)) / (k1 + 1),
  ]);
  return { idf: new Map(idf), slope };
}

/** Pairs of the query with what they are worth, as words of the index; either order means the same. */
function weightedPairs(analysis: QueryAnalysis, { idf }: Statistics): Map<string, number> {
  const weights = new Map<string, number>();
  for (const pair of analysis.pairs) {
    const [a, b] = pair.map(encodeTerm) as [string, string];
    const [one, other] = [idf.get(a) ?? 0, idf.get(b) ?? 0];
    // A single letter is no term, and tells something by its pair alone.
    const isLetter = !pair.every((word) => analysis.terms.has(word));
    if ((one > 0 && other > 0) || (isLetter && one + other > 0))
      weights.set(pairKey(a, b), Math.max(one, other));
  }
  return weights;
}

/** The beginning of a text as its words stand in the index. */
export interface ReadBack {
  id: string;
  words: string;
  /** Of the whole text. */
  characters: number;
  /** The name of its file. */
  written: string | null;
}

/** Scores what was read back of texts as the engine has it. */
export class Refinement {
  private readonly pairs: Map<string, number>;

  constructor(
    private readonly analysis: QueryAnalysis,
    private readonly statistics: Statistics,
    private readonly level: Level,
  ) {
    this.pairs = weightedPairs(analysis, statistics);
  }

  /** Whether there is anything to look for in texts. */
  get isNeeded(): boolean {
    return this.pairs.size > 0;
  }

  /** What is to be added to the extension's score of a text: what its rounding of lengths took, and neighbouring words. */
  correction({ words, characters, written }: ReadBack, textScore: number): number {
    const list = words.split(' ');
    const length = (list.length * characters) / Math.max(1, words.length);
    const { k1, b } = BM25[this.level];
    const norm = k1 * (1 - b) + this.statistics.slope * length;
    const pairs = this.pairScore([list, written?.split(' ') ?? []], norm);
    return pairs + (characters > words.length ? 0 : this.termScore(list, norm) - textScore);
  }

  private termScore(list: readonly string[], norm: number): number {
    const { idf } = this.statistics;
    const counts = new Map<string, number>();
    for (const word of list) if (idf.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
    let score = 0;
    for (const [term, times] of this.analysis.terms) {
      const word = encodeTerm(term);
      const count = counts.get(word) ?? 0;
      score += times * saturated(idf.get(word) ?? 0, count, norm, this.level);
    }
    return score;
  }

  private pairScore(runs: readonly (readonly string[])[], norm: number): number {
    const counts = new Map<string, number>();
    for (const run of runs)
      for (let i = 1; i < run.length; i++) {
        const key = pairKey(run[i - 1]!, run[i]!);
        if (this.pairs.has(key)) counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    let score = 0;
    for (const [key, count] of counts)
      score += PAIRING.weight * saturated(this.pairs.get(key)!, count, norm, this.level);
    return score;
  }
}

const saturated = (weight: number, count: number, norm: number, level: Level): number =>
  count === 0 ? 0 : (weight * count * (BM25[level].k1 + 1)) / (count + norm);

const pairKey = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);

/** Two neighbours in either order, with a space on both sides; one word stands twice. */
export type NeighbourPattern = [string, string];

/**
 * What has to be there word for word: for each phrase its alternatives, each of them neighbours that all have to occur.
 * Identifiers count only where they are rare, among texts and among names of files.
 */
export function exactPatterns(
  analysis: QueryAnalysis,
  fields: readonly { idf: ReadonlyMap<string, number>; total: number }[],
): NeighbourPattern[][][] {
  const isRare = (term: string): boolean => {
    const known = fields.map(({ idf, total }) => ({ idf: idf.get(encodeTerm(term)) ?? 0, total }));
    return (
      known.some(({ idf }) => idf > 0) &&
      known.every(({ idf, total }) => {
        const holding = idf > 0 ? (total + 1) / Math.exp(idf) - 0.5 : 0;
        return holding <= FEW + 0.5 || holding * RARE <= total;
      })
    );
  };
  return analysis.exact.flatMap(({ kind, alternatives }) => {
    const found = alternatives.filter((terms) => kind === 'quoted' || terms.some(isRare)).map(neighbours);
    return found.length > 0 ? [found] : [];
  });
}

function neighbours(terms: readonly string[]): NeighbourPattern[] {
  const words = terms.map(encodeTerm);
  if (words.length === 1) return [[` ${words[0]} `, ` ${words[0]} `]];
  return words.slice(1).map((word, i) => [` ${words[i]} ${word} `, ` ${word} ${words[i]} `]);
}
