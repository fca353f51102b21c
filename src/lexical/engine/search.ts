import { Best } from '../../common/search/best.js';
import { analyseQuery, type QueryAnalysis } from '../analyser/query.js';
import { nameQueryTerms } from '../analyser/names.js';
import type { LexicalQuery } from '../lexical.types.js';
import { uuidAt, uuidBytes } from '../../common/search/uuid-bytes.js';
import type { HeldSegment } from './held-segment.js';
import { ExactPhrases, type PairGround } from './exact-phrases.js';
import { PairScorer, type PairUnit } from './pair-scorer.js';
import { newHits, setDocument, setPassage, setVersion, type PackedHits } from './packed-hits.js';
import { pairNumber } from './pairs.js';
import { RecentScores, type ScoredQuery } from './recent-scores.js';
import { Scorer, type Level, type QueryTerm } from './scorer.js';
import type { SearchIndex } from './search-index.js';

/** Ranked by words first; of these, neighbouring words then decide. More made no difference anywhere. */
const MOST_REFINED = 200;
/** The same where a phrase has to be found among whatever holds its words. */
const MOST_WITH_PHRASE = 2000;

/** Where a unit (document or chunk) of the whole index stands. */
interface Place {
  held: HeldSegment;
  ordinal: number;
}

interface Ranked extends Place {
  unit: number;
  score: number;
  exact: number;
  grounds?: readonly PairGround[][] | undefined;
}

/**
 * Answers queries on the index in memory. Exact for every scope: scores are of all, the scope picks. The best by
 * BM25 are ranked again with what neighbouring words add; of these, what holds a quoted phrase comes first.
 */
export class Search {
  private readonly scorer: Scorer;
  private readonly pairs = new PairScorer();
  private readonly recent = new RecentScores();

  constructor(private readonly index: SearchIndex) {
    this.scorer = new Scorer(index);
  }

  query(text: string, query: LexicalQuery): PackedHits {
    if (query.topK < 1 || query.collectionIds.length === 0) return newHits(0);
    const scored = this.scored(text, query.level, query.language);
    if (scored.terms.length === 0) return newHits(0);
    const topK = Math.floor(query.topK);
    const depth = Math.max(topK, scored.analysis.exact.length > 0 ? MOST_WITH_PHRASE : MOST_REFINED);
    const found = this.rank(scored, query.level, depth, this.scope(query));
    const best = this.refine(found, scored, query.level).slice(0, topK);
    const hits = pack(best, query.level);
    if (query.level === 'document') this.addPassages(scored, best, hits);
    return hits;
  }

  scores(text: string, ids: readonly string[], level: Level, language: string | undefined): Float64Array {
    const scores = new Float64Array(ids.length);
    if (ids.length === 0) return scores;
    const scored = this.scored(text, level, language);
    const units = ids.map((id) => this.find(id, level));
    units.forEach((unit, i) => (scores[i] = unit === undefined ? 0 : scored.scores[unit]!));
    this.beginPairs(scored);
    if (this.pairs.isEmpty) return scores;
    const slope = this.scorer.slope(level);
    units.forEach((unit, i) => {
      if (unit === undefined || scores[i] === 0) return;
      const held = this.segmentOf(unit, level);
      const place = pairUnit({ held, ordinal: unit - base(held, level) }, level);
      scores[i]! += this.pairs.score(place, level, slope);
    });
    return scores;
  }

  private scored(text: string, level: Level, language: string | undefined): ScoredQuery {
    const { generation, languages, totals } = this.index;
    const known = this.recent.find(generation, level, language, text);
    if (known) return known;
    const analysis = analyseQuery(text, language, languages);
    const terms = termsOf(analysis);
    const names = totals.named > 0 ? nameQueryTerms(text, language, languages) : [];
    const scored = { analysis, terms, ...this.scorer.score(terms, names.map(toBytes), level) };
    this.recent.keep(generation, scored, level, language, text);
    return scored;
  }

  /** What the pairs are worth follows from the frequencies that scoring the terms has counted. */
  private beginPairs({ analysis, terms, ...scored }: ScoredQuery): void {
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

  private refine(found: Ranked[], scored: ScoredQuery, level: Level): Ranked[] {
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
  private addPassages({ terms, idf }: ScoredQuery, best: readonly Ranked[], hits: PackedHits): void {
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

  private scope(query: LexicalQuery): (place: Place, document: number) => boolean {
    const collections = new Set(query.collectionIds.map((id) => id.toLowerCase()));
    const allowed = new Map<HeldSegment, Uint8Array>();
    const collectionsOf = (held: HeldSegment): Uint8Array => {
      let marks = allowed.get(held);
      if (marks === undefined) {
        marks = Uint8Array.from(held.collections, (id) => (collections.has(id) ? 1 : 0));
        allowed.set(held, marks);
      }
      return marks;
    };
    const documents = query.documentIds && this.documentUnits(query.documentIds);
    return ({ held }, document) =>
      collectionsOf(held)[held.segment.documentCollection[document]!] === 1 &&
      (documents === undefined || documents.has(held.documentBase + document));
  }

  private documentUnits(ids: readonly string[]): Set<number> {
    return new Set(ids.map((id) => this.find(id, 'document')).filter((unit) => unit !== undefined));
  }

  /** The live unit with this id. */
  private find(id: string, level: Level): number | undefined {
    const wanted = uuidBytes(id);
    if (wanted === undefined) return undefined;
    for (const held of this.index.segments) {
      const { segment } = held;
      if (level === 'document') {
        for (const document of segment.documentsWithId(wanted))
          if (held.dead[document] === 0) return held.documentBase + document;
      } else {
        for (const chunk of segment.chunksWithId(wanted))
          if (held.dead[held.documentOfChunk[chunk]!] === 0) return held.chunkBase + chunk;
      }
    }
    return undefined;
  }

  private segmentOf(unit: number, level: Level): HeldSegment {
    const { segments } = this.index;
    let low = 0;
    let high = segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (base(segments[middle]!, level) <= unit) low = middle;
      else high = middle - 1;
    }
    return segments[low]!;
  }
}

const base = (held: HeldSegment, level: Level): number =>
  level === 'document' ? held.documentBase : held.chunkBase;

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

const termsOf = ({ terms }: QueryAnalysis): QueryTerm[] =>
  [...terms].map(([term, weight]) => ({ term, bytes: toBytes(term), weight }));

const toBytes = (term: string): Uint8Array => Buffer.from(term, 'utf8');

const pairUnit = ({ held, ordinal }: Place, level: Level): PairUnit =>
  level === 'document'
    ? { held, document: ordinal }
    : { held, document: held.documentOfChunk[ordinal]!, chunk: ordinal };
