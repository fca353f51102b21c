import { Injectable, Logger } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { CollectionsService } from '../collections/collections.service.js';
import type { MetadataFilter } from '../common/filter/metadata-filter.js';
import { AppError } from '../common/errors/app-error.js';
import { DocumentsService } from '../documents/documents.service.js';
import { EmbeddingsService } from '../embeddings/embeddings.service.js';
import { LexicalService } from '../lexical/lexical.service.js';
import type { LexicalHit } from '../lexical/lexical.types.js';
import { VectorService } from '../vector/vector.service.js';
import type { VectorHit } from '../vector/vector.types.js';
import { documentCandidates, passageCandidates, type RankedUnit } from './candidates.js';
import { fuse } from './fusion.js';
import type {
  Grouping,
  Retrieval,
  RetrievalMode,
  RetrievalRequest,
  RetrievedPassage,
} from './retrieval.types.js';

/** Candidates from each retriever: enough that the fused order of the wanted ones does not depend on the cut. */
const MIN_DEPTH = 60;
/** Ranking again when what was ranked has changed before it could be read. */
const MAX_ATTEMPTS = 3;
const depthFor = (limit: number): number => Math.max(MIN_DEPTH, 2 * limit);

interface Scope {
  userId: string;
  adminAccess: boolean;
  collectionIds: string[];
  documentIds: string[] | undefined;
  filter: MetadataFilter | undefined;
}

/** Asks what it is not: a vector made in another thread or context may be of another context's Float32Array. */
const isVector = (vector: Float32Array | AppError | undefined): vector is Float32Array =>
  vector !== undefined && !(vector instanceof AppError);

/** Finds the passages that answer a query among those that the caller may read. */
@Injectable()
export class RetrievalService {
  private readonly logger = new Logger('Retrieval');

  constructor(
    private readonly collections: CollectionsService,
    private readonly documents: DocumentsService,
    private readonly embeddings: EmbeddingsService,
    private readonly vectors: VectorService,
    private readonly lexical: LexicalService,
    private readonly audit: AuditService,
  ) {}

  async retrieve(request: RetrievalRequest): Promise<Retrieval> {
    const startedAt = performance.now();
    const wanted = request.mode ?? 'hybrid';
    const grouping = request.groupBy ?? 'none';
    // The encoder needs no permission to think; it starts while the scope is looked up.
    const embedded = wanted === 'lexical' ? undefined : this.embed(request);
    let scope = await this.scope(request).catch(async (error: unknown) => {
      await embedded;
      throw error;
    });
    for (let attempt = 1; ; attempt++) {
      const found = await this.candidates(request, scope, embedded, grouping);
      const { passages, stale } = await this.show(found.units, scope, request.limit);
      // A document that was replaced between ranking and reading has other passages now: it must not vanish.
      if (stale && attempt < MAX_ATTEMPTS) {
        scope = await this.scope(request);
        continue;
      }
      this.noteShown(request, passages);
      const tookMs = Math.round((performance.now() - startedAt) * 10) / 10;
      return { passages, mode: found.mode, degraded: found.degraded, tookMs };
    }
  }

  /** Who was shown what: written behind the answer, so that it costs no query its time. */
  private noteShown({ caller }: RetrievalRequest, passages: readonly RetrievedPassage[]): void {
    if (passages.length === 0) return;
    const documents = [...new Set(passages.map((passage) => passage.document_id))];
    const chunks = passages.map((passage) => passage.chunk_id);
    this.audit.note({ action: 'passages.shown', actorId: caller.id, details: { chunks, documents } });
  }

  private async candidates(
    request: RetrievalRequest,
    scope: Scope,
    embedded: Promise<Float32Array | AppError> | undefined,
    grouping: Grouping,
  ): Promise<{ units: RankedUnit[]; mode: RetrievalMode; degraded: string[] }> {
    const wanted = request.mode ?? 'hybrid';
    const depth = depthFor(request.limit);
    const [lexical, vector] = await Promise.all([
      wanted === 'dense' ? [] : this.byWords(request.query, scope, depth, grouping),
      embedded,
    ]);
    const dense = isVector(vector) ? await this.byMeaning(vector, scope, depth, lexical) : vector;
    if (!Array.isArray(dense)) {
      if (wanted === 'dense') throw dense ?? unavailable();
      return { units: lexicalOnly(lexical, grouping), mode: 'lexical', degraded: dense ? [dense.code] : [] };
    }
    const units = await this.combine(request.query, dense, lexical, grouping, wanted);
    return { units, mode: wanted, degraded: [] };
  }

  private async scope(request: RetrievalRequest): Promise<Scope> {
    const collectionIds = await this.collections.readableAmong(request.caller, request.collectionIds);
    const narrowed = await this.documents.narrow(collectionIds, request.filter, request.documentIds);
    const { id: userId, adminAccess = false } = request.caller;
    return { userId, adminAccess, collectionIds, ...narrowed };
  }

  /** The query's vector, or the error that says why there is none: never rejects. */
  private async embed(request: RetrievalRequest): Promise<Float32Array | AppError> {
    try {
      return await this.embeddings.embedQuery(request.query, request.signal);
    } catch (error) {
      if (error instanceof AppError) return error;
      this.logger.error({ err: error }, 'the query could not be embedded');
      return new AppError('encoder_unavailable', 'The encoder failed.', { cause: error });
    }
  }

  private byWords(query: string, scope: Scope, depth: number, grouping: Grouping): Promise<LexicalHit[]> {
    const level = grouping === 'document' ? 'document' : 'chunk';
    return this.lexical.query(query, { ...scope, topK: depth, level });
  }

  /** The nearest chunks and the distances of what was found by words, or the error that says why there are none. */
  private async byMeaning(
    vector: Float32Array,
    scope: Scope,
    depth: number,
    lexical: readonly LexicalHit[],
  ): Promise<VectorHit[] | AppError> {
    try {
      const include = lexical.flatMap((hit) => hit.chunkIds);
      return await this.vectors.query(vector, { ...scope, topK: depth, include });
    } catch (error) {
      if (!(error instanceof AppError) || error.status !== 503) throw error;
      return error;
    }
  }

  /** Gives every candidate of the union both scores, then fuses. */
  private async combine(
    query: string,
    dense: readonly VectorHit[],
    lexical: readonly LexicalHit[],
    grouping: Grouping,
    mode: RetrievalMode,
  ): Promise<RankedUnit[]> {
    const distances = new Map(dense.map((hit) => [hit.chunkId, hit.distance]));
    const units =
      grouping === 'document'
        ? documentCandidates(dense, lexical, distances)
        : passageCandidates(dense, lexical, distances);
    if (mode === 'dense') return rank(units, 0);
    const unknown = units.filter((unit) => unit.lexical === undefined);
    const level = grouping === 'document' ? 'document' : 'chunk';
    const scores = await this.lexical.scores(
      query,
      unknown.map((unit) => unit.id),
      { level, asOfLastQuery: true },
    );
    unknown.forEach((unit, i) => (unit.lexical = scores[i] ?? 0));
    return rank(units);
  }

  /** The best units as passages; what was replaced or taken away meanwhile is passed over. */
  private async show(
    units: readonly RankedUnit[],
    scope: Scope,
    limit: number,
  ): Promise<{ passages: RetrievedPassage[]; stale: boolean }> {
    const shown: RetrievedPassage[] = [];
    let stale = false;
    for (let from = 0; from < units.length && shown.length < limit;) {
      const batch = units.slice(from, from + (limit - shown.length));
      from += batch.length;
      const rows = await this.documents.passages(
        batch.map((unit) => unit.chunkId),
        scope,
      );
      for (const unit of batch) {
        const row = rows.get(unit.chunkId);
        stale ||= row === undefined;
        if (row)
          shown.push({
            ...row,
            score: unit.score,
            distance: unit.dense === undefined ? null : clampDistance(1 - unit.dense),
          });
      }
    }
    return { passages: shown, stale };
  }
}

const unavailable = (): AppError =>
  new AppError('vector_store_unavailable', 'The vector store is not reachable.');

/** Rounding of 32-bit floats must not show as a distance outside 0 to 2. */
const clampDistance = (distance: number): number => Math.min(2, Math.max(0, distance));

function rank(units: readonly RankedUnit[], lexicalWeight?: number): RankedUnit[] {
  const byId = new Map(units.map((unit) => [unit.id, unit]));
  return fuse(units, lexicalWeight).flatMap(({ id, score }) => {
    const unit = byId.get(id);
    return unit ? [{ ...unit, score }] : [];
  });
}

function lexicalOnly(hits: readonly LexicalHit[], grouping: Grouping): RankedUnit[] {
  return hits.flatMap((hit) => {
    const [chunkId] = hit.chunkIds;
    if (chunkId === undefined) return [];
    const id = grouping === 'document' ? hit.documentId : chunkId;
    return [{ id, chunkId, dense: undefined, lexical: hit.score, score: hit.score }];
  });
}
