import { AppError } from '../../common/errors/app-error.js';
import type { LexicalService } from '../../lexical/lexical.service.js';
import type { LexicalHit, LexicalScope } from '../../lexical/lexical.types.js';
import type { VectorService } from '../../vector/vector.service.js';
import type { Feedback } from '../../vector/vector.types.js';
import {
  documentCandidates,
  lexicalUnits,
  passageCandidates,
  similarity,
  type RankedUnit,
} from './candidates.js';
import { bestFirst, fuse, LEXICAL_WEIGHT, type FusionMethod } from './fusion.js';
import { foreignShare, weightOfWords, type CountTokens } from './language-vote.js';
import type { Grouping, RetrievalMode } from '../retrieval.types.js';

/**
 * Candidates from each retriever, whatever number is wanted: scores are standardised over the candidates, so a
 * depth that followed the number would let the first ten depend on how many come after them.
 */
const DEPTH = 100;
/** Reading on in long documents whose passages fill the list, until enough documents are found. */
const MOST_DEEPENINGS = 4;
/** In `degraded`: some passages are not found by their words for now. */
const WORDS_INCOMPLETE = 'words_incomplete';

/** Choices whose values `node bench/lab/ablation.mjs` justifies. */
export interface SearchTuning {
  method: FusionMethod;
  lexicalWeight: number;
  /** Share of the best passages' mean that is added to the query for a second look; 0 is one look only. */
  feedback: number;
  /** How many documents, of different ids, give their best passage for it. */
  feedbackDocuments: number;
  /** Candidates by meaning. */
  depth: number;
  /** Candidates by words. */
  wordsDepth: number;
  /** Candidates of each retriever among which the documents for the second look are chosen. */
  firstDepth: number;
}

export const DEFAULT_TUNING: SearchTuning = {
  method: 'convex',
  lexicalWeight: LEXICAL_WEIGHT,
  feedback: 0.4,
  feedbackDocuments: 2,
  depth: DEPTH,
  wordsDepth: DEPTH,
  firstDepth: 25,
};

export interface SearchRequest {
  query: string;
  scope: LexicalScope;
  /** Passages, or documents when grouped by them. */
  limit: number;
  mode: RetrievalMode;
  grouping: Grouping;
  /** The query's vector, or the error that says why there is none; not asked for by words alone. What it rejects with is thrown. */
  vector: Promise<Float32Array | AppError> | undefined;
  /** Those of the encoder: outside them its vote falls. */
  languages?: readonly string[] | undefined;
  /** By the encoder's vocabulary, where it is at hand: tells what it can read. */
  countTokens?: CountTokens | undefined;
  /** Share of the words' vote where one was measured for the encoder. */
  lexicalWeight?: number | undefined;
  /** Whether the vectors are as of this query's beginning already; never rejects. Else the search sees to that. */
  followed?: Promise<boolean> | undefined;
  /** Where the vectors of the query's encoder are; without it, where they usually are. */
  vectors?: SearchParts['vectors'] | undefined;
}

export interface SearchResult {
  /** Best first; more than were wanted where more were looked at. */
  units: RankedUnit[];
  mode: RetrievalMode;
  degraded: string[];
}

/** What a search is made of; benchmarks bring their own. */
export interface SearchParts {
  lexical: Pick<LexicalService, 'query' | 'scores' | 'isIncomplete'>;
  vectors: Pick<VectorService, 'query' | 'queryTwice' | 'scores'>;
  tuning: SearchTuning;
}

/** Ranks what both retrievers find. Knows nothing of who asks: the scope is part of every query it makes. */
export class HybridSearch {
  constructor(private readonly parts: SearchParts) {}

  /**
   * A retriever that is unavailable is left out and named in `degraded`.
   * @throws AppError of status 503 where nothing that was asked for is left.
   */
  async search(request: SearchRequest): Promise<SearchResult> {
    const { mode, grouping } = request;
    const depth = Math.max(this.parts.tuning.depth, request.limit);
    const wordsDepth = Math.max(this.parts.tuning.wordsDepth, request.limit);
    const [lexical, vector] = await Promise.all([
      mode === 'dense' ? [] : leftOut(this.byWords(request, wordsDepth)),
      request.vector,
    ]);
    const incomplete = mode !== 'dense' && Array.isArray(lexical) && this.parts.lexical.isIncomplete;
    const lacking = incomplete ? [WORDS_INCOMPLETE] : [];
    if (mode === 'lexical')
      return { units: byWordsAlone(orThrow(lexical), grouping), mode, degraded: lacking };
    const words = Array.isArray(lexical) ? lexical : [];
    const parts = request.vectors ? { ...this.parts, vectors: request.vectors } : this.parts;
    const run = isVector(vector) ? new Run(parts, request, vector, words) : undefined;
    const hybrid = mode === 'hybrid' && words === lexical;
    const dense = run ? await leftOut(run.rank(depth, hybrid, await request.followed)) : undefined;
    if (Array.isArray(dense)) {
      if (lexical instanceof AppError) return { units: dense, mode: 'dense', degraded: [lexical.code] };
      return { units: dense, mode, degraded: lacking };
    }
    const reason = dense ?? (vector instanceof AppError ? vector : unavailable());
    if (mode === 'dense') throw reason;
    return {
      units: byWordsAlone(orThrow(lexical), grouping),
      mode: 'lexical',
      degraded: [reason.code, ...lacking],
    };
  }

  private byWords({ query, scope, grouping }: SearchRequest, depth: number): Promise<LexicalHit[]> {
    return this.parts.lexical.query(query, { ...scope, topK: depth, level: levelOf(grouping) });
  }
}

/** One query for which there is a vector. */
class Run {
  private readonly lexicalWeight: number;

  constructor(
    private readonly parts: SearchParts,
    private readonly request: SearchRequest,
    private readonly vector: Float32Array,
    private readonly words: readonly LexicalHit[],
  ) {
    const foreign = foreignShare(request.query, request.languages, request.countTokens);
    this.lexicalWeight = weightOfWords(request.lexicalWeight ?? parts.tuning.lexicalWeight, foreign);
  }

  async rank(depth: number, hybrid: boolean, followed?: boolean): Promise<RankedUnit[]> {
    const { scope, grouping, limit } = this.request;
    const { lexicalWeight } = this;
    const feedback = hybrid && this.parts.tuning.feedback > 0 ? this.feedback() : undefined;
    const include: string[] = [];
    for (const { chunkIds } of this.words) include.push(...chunkIds);
    let units: RankedUnit[] = [];
    for (let round = 0, topK = depth; round <= MOST_DEEPENINGS; round++, topK *= 4) {
      const query = { ...scope, topK, include, followed };
      const hits = await (feedback
        ? this.parts.vectors.queryTwice(this.vector, feedback, query)
        : this.parts.vectors.query(this.vector, query));
      const make = grouping === 'document' ? documentCandidates : passageCandidates;
      units = make(hits, this.words, feedback !== undefined);
      // `hits` holds the included ones too; fewer than `topK` in all means that the scope has no more.
      if (units.length >= limit || hits.length < topK) break;
    }
    if (!hybrid) return rank(units, { ...this.parts.tuning, lexicalWeight: 0 });
    await this.addWords(units);
    const ranked = rank(units, { ...this.parts.tuning, lexicalWeight });
    if (feedback) await this.addCosines(ranked);
    return ranked;
  }

  /** Only the best by words are candidates of the first look; the others have no more than the last that is known. */
  private feedback(): Feedback {
    const { feedback, feedbackDocuments, firstDepth, wordsDepth } = this.parts.tuning;
    return {
      share: feedback,
      documents: feedbackDocuments,
      topK: firstDepth,
      words: this.words
        .slice(0, firstDepth)
        .flatMap(({ documentId, chunkIds: [chunkId], score }) =>
          chunkId === undefined ? [] : { documentId, chunkId, score },
        ),
      others: this.words.length < wordsDepth ? 0 : this.words.at(-1)!.score,
      wordsWeight: this.lexicalWeight,
    };
  }

  /** Gives every candidate that only its meaning brought its score by words. */
  private async addWords(units: readonly RankedUnit[]): Promise<void> {
    const unknown = units.filter((unit) => unit.lexical === undefined);
    if (unknown.length === 0) return;
    const ids = unknown.map((unit) => unit.id);
    const options = { level: levelOf(this.request.grouping), asOfLastQuery: true } as const;
    const scores = await this.parts.lexical.scores(this.request.query, ids, options);
    unknown.forEach((unit, i) => (unit.lexical = scores[i] ?? 0));
  }

  /** What is shown as distance is the query's own, not that of the vector it was improved to. */
  private async addCosines(units: readonly RankedUnit[]): Promise<void> {
    const missing = units
      .slice(0, this.request.limit)
      .filter(({ dense, cosine }) => dense !== undefined && cosine === undefined);
    if (missing.length === 0) return;
    const ids = missing.map((unit) => unit.chunkId);
    const hits = await this.parts.vectors.scores(this.vector, ids);
    const distances = new Map(hits.map(({ chunkId, distance }) => [chunkId, distance]));
    for (const unit of missing) unit.cosine = similarity(distances.get(unit.chunkId));
  }
}

/** Asks what it is not: a vector made in another thread or context may be of another context's Float32Array. */
const isVector = (vector: Float32Array | AppError | undefined): vector is Float32Array =>
  vector !== undefined && !(vector instanceof AppError);

const levelOf = (grouping: Grouping): 'document' | 'chunk' =>
  grouping === 'document' ? 'document' : 'chunk';

const unavailable = (): AppError =>
  new AppError('vector_store_unavailable', 'The vector store is not reachable.');

/** The error of a part that is down instead of its result; any other error is a fault of ours and thrown. */
async function leftOut<T>(work: Promise<T>): Promise<T | AppError> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AppError && error.status === 503) return error;
    throw error;
  }
}

function orThrow<T>(result: T | AppError): T {
  if (result instanceof AppError) throw result;
  return result;
}

const byWordsAlone = (hits: readonly LexicalHit[], grouping: Grouping): RankedUnit[] =>
  exactFirst(lexicalUnits(hits, grouping).sort(bestFirst));

const rank = (units: RankedUnit[], { lexicalWeight, method }: SearchTuning): RankedUnit[] =>
  exactFirst(fuse(units, lexicalWeight, method));

/** What holds a quoted phrase or a rare identifier word for word comes first, with a score that says so. */
function exactFirst(units: RankedUnit[]): RankedUnit[] {
  if (units.every((unit) => unit.exact === units[0]!.exact)) return units;
  const span = 1 + units[0]!.score - units.at(-1)!.score;
  for (const unit of units) unit.score += unit.exact * span;
  return units.sort(bestFirst);
}
