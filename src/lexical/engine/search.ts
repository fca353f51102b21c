import { analyseQuery, type QueryAnalysis } from '../analyser/query.js';
import { nameQueryTerms } from '../analyser/names.js';
import type { LexicalQuery } from '../lexical.types.js';
import { ExactPhrases } from './scoring/exact-phrases.js';
import { PairScorer } from './scoring/pair-scorer.js';
import { newHits, setPassage, type PackedHits } from './packed-hits.js';
import { pairNumber } from './segment/pairs.js';
import { compareIds, pack, Ranked, sortRanked } from './ranked.js';
import { RecentScores, type ScoredQuery, type Weighed } from './scoring/recent-scores.js';
import type { QueryTerm } from './scoring/query-term.js';
import { Scorer } from './scoring/scorer.js';
import type { Level } from './level.js';
import type { SearchIndex } from './held/search-index.js';
import { TopUnits } from './scoring/top-units.js';
import { allowedIn, Units, type Marked, type Scope } from './scoring/units.js';

/** Ranked by words first; of these, neighbouring words then decide. More made no difference anywhere. */
const MOST_REFINED = 200;
/** The same where a phrase has to be found among whatever holds its words. */
const MOST_WITH_PHRASE = 2000;

/** So many units are scored in less time than it takes to find out which need not be. */
const MOST_WHOLE = 50_000;

/** What the words weigh, and the best by them. */
interface Found {
  scored: Weighed;
  found: Ranked[];
}

/** A query in terms. */
interface Analysed {
  analysis: QueryAnalysis;
  terms: QueryTerm[];
  names: Uint8Array[];
}

/**
 * Answers queries on the index in memory. Exact for every scope: words weigh as in all of it. Where a scope is a good part
 * of that, everything is scored, for whoever asks next, and the scope picks; where it is small, nothing else is scored. The
 * best by BM25 are ranked again with what neighbouring words add; of these, what holds a quoted phrase comes first.
 */
export class Search {
  private readonly scorer: Scorer;
  private readonly pairs = new PairScorer();
  private readonly recent = new RecentScores();
  private readonly units: Units;
  private readonly top: Record<Level, TopUnits>;

  /** @param mostWhole of an index with more units only what can be among the best is scored */
  constructor(
    private readonly index: SearchIndex,
    private readonly mostWhole = MOST_WHOLE,
  ) {
    this.scorer = new Scorer(index);
    this.units = new Units(index);
    this.top = { document: this.topOf('document'), chunk: this.topOf('chunk') };
  }

  query(text: string, query: LexicalQuery): PackedHits {
    if (query.topK < 1 || query.collectionIds.length === 0) return newHits(0);
    const topK = Math.floor(query.topK);
    const { scored, found } = this.best(text, topK, query);
    this.refine(found, scored, query.level);
    const best = found.slice(0, topK);
    const hits = pack(best);
    if (query.level === 'document') this.addPassages(scored, best, hits);
    this.scorer.endQuery();
    return hits;
  }

  /** The best by BM25, as many as may come first when they are refined. */
  private best(text: string, topK: number, query: LexicalQuery): Found {
    const { level, language } = query;
    const known = this.recent.find(this.index.generation, level, language, text);
    const scope = this.units.scope(query);
    const top = this.top[level];
    if (known?.scores) return this.bestInScope(known, known.scores, topK, query, scope);
    const few = this.units.few(scope);
    if (few) {
      const analysed = this.analysed(text, language);
      this.begin(top, analysed, topK, level);
      const scored = this.scoredAmong(analysed, level, few, (scores, units) => {
        for (const unit of units) if (scores[unit]! >= top.least) top.take(unit, scores[unit]!);
      });
      return { scored, found: this.ranked(top, level) };
    }
    if (this.scorer.allUnits(level) > this.mostWhole) return this.bestOfMany(text, topK, query, scope);
    const scored = this.scored(text, level, language);
    return this.bestInScope(scored, scored.scores, topK, query, scope);
  }

  private bestInScope(
    scored: Weighed,
    scores: Float64Array,
    topK: number,
    { level }: LexicalQuery,
    scope: Scope,
  ): Found {
    if (scored.terms.length === 0) return { scored, found: [] };
    const top = this.top[level];
    this.begin(top, scored, topK, level);
    this.takeInScope(scores, level, scope, top);
    return { scored, found: this.ranked(top, level) };
  }

  private bestOfMany(text: string, topK: number, { level, language }: LexicalQuery, scope: Scope): Found {
    const { analysis, terms, names } = this.analysed(text, language);
    const top = this.top[level];
    this.begin(top, { analysis }, topK, level);
    if (terms.length === 0) return { scored: { analysis, terms, names, idf: [] }, found: [] };
    const idf = this.scorer.scoreBest(terms, names, level, scope, top);
    const scored = { analysis, terms, names, idf, scores: undefined };
    this.recent.keep(this.index.generation, scored, level, language, text);
    return { scored, found: this.ranked(top, level) };
  }

  scores(text: string, ids: readonly string[], level: Level, language: string | undefined): Float64Array {
    const scores = new Float64Array(ids.length);
    if (ids.length === 0) return scores;
    const units = ids.map((id) => this.units.find(id, level));
    const known = this.recent.find(this.index.generation, level, language, text);
    const weighed = known ?? this.weighed(text, level, language);
    if (known?.scores) {
      const all = known.scores;
      units.forEach((unit, i) => (scores[i] = unit === undefined ? 0 : all[unit]!));
    } else {
      const wanted = Uint32Array.from(new Set(units.filter((unit) => unit !== undefined))).sort();
      const found = this.scorer.scoreUnits(weighed, level, wanted);
      const byUnit = new Map(Array.from(wanted, (unit, i) => [unit, found[i]!]));
      units.forEach((unit, i) => (scores[i] = unit === undefined ? 0 : byUnit.get(unit)!));
    }
    this.beginPairs(weighed);
    if (this.pairs.isEmpty) return scores;
    const slope = this.scorer.slope(level);
    units.forEach((unit, i) => {
      if (unit === undefined || scores[i] === 0) return;
      scores[i]! += this.pairs.score(this.place(unit, 0, level), level, slope);
    });
    return scores;
  }

  private weighed(text: string, level: Level, language: string | undefined): Weighed {
    const analysed = this.analysed(text, language);
    return { ...analysed, idf: this.scorer.weigh(analysed.terms, level) };
  }

  private scored(
    text: string,
    level: Level,
    language: string | undefined,
  ): ScoredQuery & { scores: Float64Array } {
    const { analysis, terms, names } = this.analysed(text, language);
    const zeros = this.recent.zeros(this.scorer.allUnits(level));
    const { idf, scores } = this.scorer.score(terms, names, level, zeros);
    const scored = { analysis, terms, names, idf, scores };
    this.recent.keep(this.index.generation, scored, level, language, text);
    return scored;
  }

  /** Has the scores of some documents or their passages taken, and says what the words weigh. */
  private scoredAmong(
    { analysis, terms, names }: Analysed,
    level: Level,
    wanted: Marked,
    take: (scores: Float64Array, units: readonly number[]) => void,
  ): Weighed {
    return this.scorer.scoreAmong(terms, names, level, wanted, ({ idf, scores }, units) => {
      take(scores, units);
      return { analysis, terms, names, idf };
    });
  }

  private analysed(text: string, language: string | undefined): Analysed {
    const { languages, totals } = this.index;
    const analysis = analyseQuery(text, language, languages);
    const names = totals.named > 0 ? nameQueryTerms(text, language, languages) : [];
    return { analysis, terms: termsOf(analysis), names: names.map(toBytes) };
  }

  /** What the pairs are worth follows from the frequencies that scoring the terms has counted. */
  private beginPairs({ analysis, terms, ...scored }: Weighed): void {
    const idf = new Map(terms.map(({ term }, i) => [term, scored.idf[i]!]));
    const weights = new Map<number, number>();
    for (const [a, b] of analysis.pairs) {
      const [one, other] = [idf.get(a) ?? 0, idf.get(b) ?? 0];
      // A single letter is no term, and tells something by its pair alone.
      const isLetter = !analysis.terms.has(a) || !analysis.terms.has(b);
      if ((one > 0 && other > 0) || (isLetter && one + other > 0))
        weights.set(pairNumber(a, b), Math.max(one, other));
      // Of words that only names of files hold: worth nothing here, and a part of a phrase all the same.
      else if (analysis.exact.length > 0) weights.set(pairNumber(a, b), 0);
    }
    this.pairs.begin(weights);
  }

  /** Puts the best first: what holds a phrase, then by BM25 with what neighbouring words add. */
  private refine(found: Ranked[], scored: Weighed, level: Level): void {
    const { exact } = scored.analysis;
    this.beginPairs(scored);
    if (this.pairs.isEmpty && exact.length === 0) return sortRanked(found);
    if (found.length > MOST_REFINED) sortRanked(found);
    if (exact.length > 0) {
      const held = new ExactPhrases(exact, this.scorer, this.pairs, level).heldBy(found);
      for (let i = 0; i < found.length; i++) {
        found[i]!.exact = held.counts[i]!;
        found[i]!.grounds = held.grounds.get(i);
      }
    }
    const slope = this.scorer.slope(level);
    for (let i = 0; i < found.length; i++) {
      const hit = found[i]!;
      if (i < MOST_REFINED || hit.exact > 0) hit.score += this.pairs.score(hit, level, slope);
    }
    sortRanked(found);
  }

  /** Offers all live units in scope that have a score. */
  private takeInScope(scores: Float64Array, level: Level, scope: Scope, top: TopUnits): void {
    const { documents } = scope;
    for (const held of this.index.segments) {
      const allowed = allowedIn(held, scope);
      const { documentCollection } = held.segment;
      const documentOf = level === 'chunk' ? held.documentOfChunk : undefined;
      const first = held.base(level);
      const size = held.units(level);
      let { least } = top;
      for (let ordinal = 0; ordinal < size; ordinal++) {
        const score = scores[first + ordinal]!;
        if (score < least) continue;
        const document = documentOf ? documentOf[ordinal]! : ordinal;
        if (allowed[documentCollection[document]!] !== 1) continue;
        if (documents && !documents.has(held.documentBase + document)) continue;
        top.take(first + ordinal, score);
        ({ least } = top);
      }
    }
  }

  private begin(top: TopUnits, { analysis }: { analysis: QueryAnalysis }, topK: number, level: Level): void {
    top.begin(Math.min(depthOf(analysis, topK), this.scorer.units(level)));
  }

  private topOf(level: Level): TopUnits {
    return new TopUnits((a, b) => compareIds(this.place(a, 0, level), this.place(b, 0, level)) < 0);
  }

  private ranked(top: TopUnits, level: Level): Ranked[] {
    top.end();
    const found: Ranked[] = [];
    for (let i = 0; i < top.count; i++) found.push(this.place(top.units[i]!, top.scores[i]!, level));
    return found;
  }

  private place(unit: number, score: number, level: Level): Ranked {
    const { held, ordinal } = this.units.placeOf(unit, level);
    return level === 'document'
      ? new Ranked(unit, held, ordinal, undefined, score)
      : new Ranked(unit, held, held.documentOfChunk[ordinal]!, ordinal, score);
  }

  /** The best passage of each document; the first where only the name of its file matches. */
  private addPassages({ terms, idf }: Weighed, best: readonly Ranked[], hits: PackedHits): void {
    // The only passage of a document holds whatever the document was found by: nothing to choose.
    const several: number[] = [];
    best.forEach(({ held: { segment }, document }, i) => {
      const first = segment.firstChunk[document]!;
      if (segment.firstChunk[document + 1]! - first > 1) several.push(i);
      else setPassage(hits, i, segment.chunkIds, first);
    });
    if (several.length === 0) return;
    several.sort((a, b) => best[a]!.unit - best[b]!.unit);
    const places = several.map((i) => best[i]!);
    const passages = this.scorer.bestPassages(terms, idf, places);
    several.forEach((hit, i) => setPassage(hits, hit, places[i]!.held.segment.chunkIds, passages[i]!));
  }
}

const depthOf = ({ exact }: QueryAnalysis, topK: number): number =>
  Math.max(topK, exact.length > 0 ? MOST_WITH_PHRASE : MOST_REFINED);

const termsOf = ({ terms }: QueryAnalysis): QueryTerm[] =>
  [...terms].map(([term, weight]) => ({ term, bytes: toBytes(term), weight }));

const toBytes = (term: string): Uint8Array => Buffer.from(term, 'utf8');
