import { Best } from '../../common/search/best.js';
import { analyseQuery, type QueryAnalysis } from '../analyser/query.js';
import { nameQueryTerms } from '../analyser/names.js';
import type { LexicalQuery } from '../lexical.types.js';
import { uuidAt } from '../../common/search/uuid-bytes.js';
import type { HeldSegment } from './held-segment.js';
import { ExactPhrases, type PairGround } from './exact-phrases.js';
import { PairScorer, type PairUnit } from './pair-scorer.js';
import { newHits, setDocument, setPassage, setVersion, type PackedHits } from './packed-hits.js';
import { pairNumber } from './pairs.js';
import { RecentScores, type ScoredQuery, type Weighed } from './recent-scores.js';
import { Scorer, type QueryTerm } from './scorer.js';
import type { Level, Marked } from './term-gatherer.js';
import type { SearchIndex } from './search-index.js';
import { base, Units, type Place } from './units.js';

/** Ranked by words first; of these, neighbouring words then decide. More made no difference anywhere. */
const MOST_REFINED = 200;
/** The same where a phrase has to be found among whatever holds its words. */
const MOST_WITH_PHRASE = 2000;

interface Ranked extends Place {
  unit: number;
  score: number;
  exact: number;
  grounds?: readonly PairGround[][] | undefined;
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

  constructor(private readonly index: SearchIndex) {
    this.scorer = new Scorer(index);
    this.units = new Units(index);
  }

  query(text: string, query: LexicalQuery): PackedHits {
    if (query.topK < 1 || query.collectionIds.length === 0) return newHits(0);
    const topK = Math.floor(query.topK);
    const { scored, found } = this.best(text, topK, query);
    const best = this.refine(found, scored, query.level).slice(0, topK);
    const hits = pack(best, query.level);
    if (query.level === 'document') this.addPassages(scored, best, hits);
    return hits;
  }

  /** The best by BM25, as many as may come first when they are refined. */
  private best(text: string, topK: number, query: LexicalQuery): { scored: Weighed; found: Ranked[] } {
    const { level, language } = query;
    const known = this.recent.find(this.index.generation, level, language, text);
    const few = known ? undefined : this.units.few(query);
    if (!few) {
      const scored = known ?? this.scored(text, level, language);
      if (scored.terms.length === 0) return { scored, found: [] };
      const depth = depthOf(scored.analysis, topK);
      return { scored, found: this.rank(scored, level, depth, this.units.scope(query)) };
    }
    const analysed = this.analysed(text, language);
    const found = new Best<Ranked>(depthOf(analysed.analysis, topK), (hit) => idOf(hit, level));
    const scored = this.scoredAmong(analysed, level, few, (scores, units) => {
      for (const unit of units) {
        const score = scores[unit]!;
        if (found.mayTake(score)) found.take({ ...this.units.placeOf(unit, level), unit, score, exact: 0 });
      }
    });
    return { scored, found: scored.terms.length > 0 ? found.sorted() : [] };
  }

  scores(text: string, ids: readonly string[], level: Level, language: string | undefined): Float64Array {
    const scores = new Float64Array(ids.length);
    if (ids.length === 0) return scores;
    const units = ids.map((id) => this.units.find(id, level));
    const take = (all: Float64Array): void =>
      units.forEach((unit, i) => (scores[i] = unit === undefined ? 0 : all[unit]!));
    const known = this.recent.find(this.index.generation, level, language, text);
    if (known) take(known.scores);
    const wanted = this.units.documentsWith(units, level);
    this.beginPairs(known ?? this.scoredAmong(this.analysed(text, language), level, wanted, take));
    if (this.pairs.isEmpty) return scores;
    const slope = this.scorer.slope(level);
    units.forEach((unit, i) => {
      if (unit === undefined || scores[i] === 0) return;
      const place = pairUnit(this.units.placeOf(unit, level), level);
      scores[i]! += this.pairs.score(place, level, slope);
    });
    return scores;
  }

  private scored(text: string, level: Level, language: string | undefined): ScoredQuery {
    const { analysis, terms, names } = this.analysed(text, language);
    const scored = { analysis, terms, ...this.scorer.score(terms, names, level) };
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
      return { analysis, terms, idf };
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
      if (one > 0 && other > 0) weights.set(pairNumber(a, b), Math.max(one, other));
      // Of words that only names of files hold: worth nothing here, and a part of a phrase all the same.
      else if (analysis.exact.length > 0) weights.set(pairNumber(a, b), 0);
    }
    this.pairs.begin(weights);
  }

  private refine(found: Ranked[], scored: Weighed, level: Level): Ranked[] {
    const { exact } = scored.analysis;
    this.beginPairs(scored);
    if (this.pairs.isEmpty && exact.length === 0) return found;
    const slope = this.scorer.slope(level);
    const phrases = new ExactPhrases(exact, this.scorer, this.pairs, level);
    const places = found.map((hit) => ({ ...pairUnit(hit, level), unit: hit.unit }));
    const held = exact.length > 0 ? phrases.heldBy(places) : undefined;
    found.forEach((hit, i) => {
      hit.exact = held?.counts[i] ?? 0;
      hit.grounds = held?.grounds.get(i);
      if (i < MOST_REFINED || hit.exact > 0) hit.score += this.pairs.score(places[i]!, level, slope);
    });
    const idsOf = new Map<Ranked, string>();
    const id = (hit: Ranked): string => {
      let known = idsOf.get(hit);
      if (known === undefined) idsOf.set(hit, (known = idOf(hit, level)));
      return known;
    };
    return found.sort((a, b) => b.exact - a.exact || b.score - a.score || (id(a) < id(b) ? -1 : 1));
  }

  private rank(
    { scores }: ScoredQuery,
    level: Level,
    topK: number,
    inScope: (place: Place, document: number) => boolean,
  ): Ranked[] {
    const best = new Best<Ranked>(topK, (hit) => idOf(hit, level));
    for (const held of this.index.segments) {
      const first = base(held, level);
      const size = level === 'document' ? held.segment.documents : held.segment.chunks;
      for (let ordinal = 0; ordinal < size; ordinal++) {
        const score = scores[first + ordinal]!;
        if (score === 0 || !best.mayTake(score)) continue;
        const document = level === 'document' ? ordinal : held.documentOfChunk[ordinal]!;
        const candidate = { unit: first + ordinal, held, ordinal, score, exact: 0 };
        if (inScope(candidate, document)) best.take(candidate);
      }
    }
    return best.sorted();
  }

  /** The best passage of each document; the first where only the name of its file matches. */
  private addPassages({ terms, idf }: Weighed, best: readonly Ranked[], hits: PackedHits): void {
    const passagesOf = ({ held, ordinal }: Ranked): [first: number, end: number] => [
      held.segment.firstChunk[ordinal]!,
      held.segment.firstChunk[ordinal + 1]!,
    ];
    const choose = (scores: Float64Array): void =>
      best.forEach((hit, i) => {
        const { held } = hit;
        const [first, end] = passagesOf(hit);
        const chosen = end - first === 1 ? first : highest(scores, held.chunkBase, first, end);
        setPassage(hits, i, held.segment.chunkIds, chosen);
      });
    // The only passage of a document holds whatever the document was found by: nothing to choose.
    const wanted = new Map<HeldSegment, Uint8Array>();
    for (const hit of best) {
      const { held, ordinal } = hit;
      const [first, end] = passagesOf(hit);
      if (end - first < 2) continue;
      let marks = wanted.get(held);
      if (marks === undefined) wanted.set(held, (marks = new Uint8Array(held.segment.documents)));
      marks[ordinal] = 1;
    }
    this.scorer.scorePassages(terms, idf, wanted, choose);
  }
}

/** The chunk of a segment with the highest score, the first of equal ones. */
function highest(scores: Float64Array, chunkBase: number, from: number, to: number): number {
  let best = from;
  for (let chunk = from + 1; chunk < to; chunk++)
    if (scores[chunkBase + chunk]! > scores[chunkBase + best]!) best = chunk;
  return best;
}

function idOf({ held, ordinal }: Place, level: Level): string {
  return level === 'document'
    ? uuidAt(held.segment.documentIds, ordinal)
    : uuidAt(held.segment.chunkIds, ordinal);
}

function pack(ranked: readonly Ranked[], level: Level): PackedHits {
  const hits = newHits(ranked.length);
  ranked.forEach(({ held: { segment, documentOfChunk }, ordinal, score, exact, grounds }, i) => {
    const document = level === 'document' ? ordinal : documentOfChunk[ordinal]!;
    setDocument(hits, i, segment.documentIds, document);
    setVersion(hits, i, segment.versionIds, document);
    if (level === 'chunk') setPassage(hits, i, segment.chunkIds, ordinal);
    hits.scores[i] = score;
    hits.exact[i] = exact;
    for (const phrase of grounds ?? [])
      hits.claims.push({
        hit: i,
        pairs: phrase.map(({ pair, passages }) => ({
          pair,
          chunkIds: passages.map((passage) => uuidAt(segment.chunkIds, passage)),
        })),
      });
  });
  return hits;
}

const depthOf = ({ exact }: QueryAnalysis, topK: number): number =>
  Math.max(topK, exact.length > 0 ? MOST_WITH_PHRASE : MOST_REFINED);

const termsOf = ({ terms }: QueryAnalysis): QueryTerm[] =>
  [...terms].map(([term, weight]) => ({ term, bytes: toBytes(term), weight }));

const toBytes = (term: string): Uint8Array => Buffer.from(term, 'utf8');

const pairUnit = ({ held, ordinal }: Place, level: Level): PairUnit =>
  level === 'document'
    ? { held, document: ordinal }
    : { held, document: held.documentOfChunk[ordinal]!, chunk: ordinal };
