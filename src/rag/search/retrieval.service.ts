import { Injectable, Logger } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import { CollectionsService } from '../../collections/collections.service.js';
import type { MetadataFilter } from '../../common/filter/metadata-filter.js';
import { AppError } from '../../common/errors/app-error.js';
import { DocumentsService } from '../../documents/documents.service.js';
import { EmbeddingsService } from '../../embeddings/embeddings.service.js';
import { VectorService } from '../../vector/vector.service.js';
import type { RankedUnit } from './candidates.js';
import { HybridSearch } from './hybrid-search.js';
import { NamedTwins } from './named-twins.js';
import { NearDuplicates } from './near-duplicates.js';
import { visible } from '../text/visible.js';
import { SecondOpinion, type OpenPassage } from './second-opinion.service.js';
import type { Grouping, Retrieval, RetrievalRequest, RetrievedPassage } from '../retrieval.types.js';

/** Ranking again when what was ranked has changed before it could be read. */
const MAX_ATTEMPTS = 10;

interface Scope {
  userId: string;
  adminAccess: boolean;
  collectionIds: string[];
  documentIds: string[] | undefined;
  filter: MetadataFilter | undefined;
}

/** Finds the passages that answer a query among those that the caller may read. */
@Injectable()
export class RetrievalService {
  private readonly logger = new Logger('Retrieval');

  constructor(
    private readonly collections: CollectionsService,
    private readonly documents: DocumentsService,
    private readonly embeddings: EmbeddingsService,
    private readonly vectors: VectorService,
    private readonly search: HybridSearch,
    private readonly opinion: SecondOpinion,
    private readonly audit: AuditService,
  ) {}

  /** Throws the signal's reason when aborted: nothing is read or noted as shown for a caller who has left. */
  async retrieve(request: RetrievalRequest): Promise<Retrieval> {
    const startedAt = performance.now();
    const { limit, mode = 'hybrid', groupBy: grouping = 'none', distinct = false } = request;
    const query = asSeen(request.query);
    const wanted = Math.max(limit, this.opinion.candidates);
    // The encoder needs no permission to think; it starts while the scope is looked up.
    const { modelId, languages, lexicalWeight } = this.embeddings.info();
    const vector = mode === 'lexical' ? undefined : this.embed(query, modelId, request.signal);
    // It may fail while nobody waits for it yet.
    vector?.catch(() => undefined);
    // Another encoder may take over meanwhile: this query stays with its own.
    const vectors = this.vectors.of(modelId);
    // Neither does it, nor what the vectors have to catch up with.
    const follow =
      vector &&
      ((): Promise<boolean> =>
        vectors.follow().then(
          () => true,
          () => false,
        ));
    let followed = follow?.();
    let scope = await this.scope(request).catch(async (error: unknown) => {
      await vector?.catch(() => undefined);
      throw error;
    });
    for (let attempt = 1; ; attempt++) {
      const asked = {
        query,
        scope,
        limit: wanted,
        mode,
        grouping,
        vector,
        languages,
        countTokens: this.embeddings.counter(modelId),
        lexicalWeight,
        vectors,
        followed,
      };
      const found = await this.search.search(asked);
      request.signal?.throwIfAborted();
      const shown = { query, grouping, distinct };
      const { passages: open, stale } = await this.show(found.units, scope, wanted, shown);
      // A document that was replaced between ranking and reading has other passages now: it must not vanish.
      if (stale && attempt < MAX_ATTEMPTS) {
        followed = follow?.();
        scope = await this.scope(request);
        continue;
      }
      const { passages: ranked, degraded } = await this.opinion.of(query, open, request.signal);
      request.signal?.throwIfAborted();
      const passages = ranked.slice(0, limit);
      this.noteShown(request, passages);
      const tookMs = Math.round((performance.now() - startedAt) * 10) / 10;
      return { passages, mode: found.mode, degraded: [...found.degraded, ...degraded], tookMs };
    }
  }

  /** Who was shown what: written behind the answer, so that it costs no query its time. */
  private noteShown({ caller, unseen }: RetrievalRequest, passages: readonly RetrievedPassage[]): void {
    if (passages.length === 0 || unseen) return;
    const documents = [...new Set(passages.map((passage) => passage.document_id))];
    const chunks = passages.map((passage) => passage.chunk_id);
    this.audit.note({ action: 'passages.shown', actorId: caller.id, details: { chunks, documents } });
  }

  private async scope(request: RetrievalRequest): Promise<Scope> {
    const collectionIds = await this.collections.readableAmong(request.caller, request.collectionIds);
    const narrowed = await this.documents.narrow(collectionIds, request.filter, request.documentIds);
    const { id: userId, adminAccess = false } = request.caller;
    return { userId, adminAccess, collectionIds, ...narrowed };
  }

  /** The query's vector, or the error that says why there is none. Throws the signal's reason only. */
  private async embed(
    query: string,
    modelId: string,
    signal: AbortSignal | undefined,
  ): Promise<Float32Array | AppError> {
    try {
      return await this.embeddings.embedQuery(query, signal, modelId);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof AppError) return error;
      this.logger.error({ err: error }, 'the query could not be embedded');
      return new AppError('encoder_unavailable', 'The encoder failed.', { cause: error });
    }
  }

  /**
   * The best units as passages; what was replaced or taken away meanwhile is passed over. A passage that repeats a
   * better one gives way to those that say something else, and comes last, or for an answer not at all, unless the question
   * names its document and not the other one. Documents are not compared:
   * each is a result of its own.
   */
  private async show(
    units: readonly RankedUnit[],
    scope: Scope,
    limit: number,
    { query, grouping, distinct }: { query: string; grouping: Grouping; distinct: boolean },
  ): Promise<{ passages: OpenPassage[]; stale: boolean }> {
    const shown: OpenPassage[] = [];
    const repeated: OpenPassage[] = [];
    const seen = new NearDuplicates<OpenPassage>();
    /** By the passage that is shown. */
    const twins = new Map<OpenPassage, OpenPassage[]>();
    let stale = false;
    for (let from = 0; from < units.length && shown.length < limit;) {
      const batch = units.slice(from, from + Math.max(limit - shown.length, repeated.length));
      from += batch.length;
      const rows = await this.documents.passages(
        batch.map((unit) => unit.chunkId),
        scope,
      );
      for (const unit of batch) {
        const row = rows.get(unit.chunkId);
        stale ||= row === undefined;
        if (!row) continue;
        const { score, exact, cosine } = unit;
        const distance = cosine === undefined ? null : clampDistance(1 - cosine);
        const passage = { ...row, score, exact, distance };
        const first = grouping === 'none' ? seen.repeated(passage, { nearly: !distinct }) : undefined;
        (first ? repeated : shown).push(passage);
        if (first) twins.set(first, [...(twins.get(first) ?? []), passage]);
      }
    }
    const passages = distinct
      ? await this.asNamed(query, shown, twins)
      : [...shown, ...behind(shown, repeated)];
    return { passages, stale };
  }

  /** In the place of each passage those of its twins that the question names. */
  private async asNamed(
    query: string,
    shown: readonly OpenPassage[],
    twins: ReadonlyMap<OpenPassage, readonly OpenPassage[]>,
  ): Promise<OpenPassage[]> {
    if (twins.size === 0) return [...shown];
    const named = new NamedTwins(query);
    const all = [...twins].flatMap(([first, others]) => [first, ...others]);
    const versions = await this.documents.versions([...new Set(all.map((passage) => passage.version_id))]);
    return shown.flatMap((first) => {
      const chosen = named.choose([first, ...(twins.get(first) ?? [])], (passage) => ({
        ...passage,
        fileName: versions.get(passage.version_id)?.fileName ?? null,
      }));
      return chosen.map((passage) => ({ ...passage, score: first.score }));
    });
  }
}

/** What comes last has no better score than what comes before it. */
function behind(shown: readonly OpenPassage[], repeated: readonly OpenPassage[]): OpenPassage[] {
  const least = shown.at(-1)?.score ?? Infinity;
  return repeated.map((passage) => ({ ...passage, score: Math.min(least, passage.score) }));
}

/** A hidden character inside a word, as copying from a page brings it along, is no part of what is asked for. */
const asSeen = (query: string): string => narrow(visible(query)).trim() || query;

/** Full-width letters, digits and spaces as others type them: encoders know those. */
const narrow = (text: string): string =>
  text.replace(/[\u3000\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]+/g, (wide) => wide.normalize('NFKC'));

/** Rounding of 32-bit floats must not show as a distance outside 0 to 2. */
const clampDistance = (distance: number): number => Math.min(2, Math.max(0, distance));
