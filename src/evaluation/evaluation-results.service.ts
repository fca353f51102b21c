import { Injectable } from '@nestjs/common';
import type { Caller } from '../collections/collections.types.js';
import { AppError } from '../common/errors/app-error.js';
import { decodeOrdinal, encodeCursor, type Page } from '../common/http/page.js';
import { DocumentsService } from '../documents/documents.service.js';
import { compareRuns, type Comparison } from './compare.js';
import { EvaluationsRepository } from './evaluations.repository.js';
import { EvaluationsService } from './evaluations.service.js';
import { COMPARED, type ComparedFigure, type QueryPair, type QueryResultRow } from './evaluations.types.js';

const PAGE = 20;
/** Questions that a comparison names, those that moved most. */
const MOST_CHANGES = 50;

export interface RankedDocument {
  document_id: string;
  doc_id: string;
  title: string | null;
}

export interface QueryResult extends Omit<QueryResultRow, 'ranking'> {
  /** Best first; null in the place of a document that is gone or that the reader may not read. */
  ranking: (RankedDocument | null)[] | null;
}

export interface EvaluationComparison {
  baselineId: string;
  evaluationId: string;
  /** Judged questions of either that the other was not asked in the same way. */
  unpaired: number;
  figures: Record<ComparedFigure, Comparison>;
  /** By nDCG@10, the largest difference first. */
  changes: QueryPair[];
}

/** What evaluations found, as far as the reader may read the documents now. */
@Injectable()
export class EvaluationResults {
  constructor(
    private readonly evaluations: EvaluationsService,
    private readonly repository: EvaluationsRepository,
    private readonly documents: DocumentsService,
  ) {}

  /** In the order of the query set. @throws AppError `not_found`, `invalid_cursor` */
  async page(
    caller: Caller,
    id: string,
    query: { limit?: number | undefined; cursor?: string | undefined },
  ): Promise<Page<QueryResult>> {
    await this.evaluations.get(caller, id);
    const limit = query.limit ?? PAGE;
    const rows = await this.repository.results(id, decodeOrdinal(query.cursor), limit + 1);
    const shown = rows.slice(0, limit);
    const ids = [...new Set(shown.flatMap((row) => row.ranking ?? []))];
    const names = await this.documents.names(caller, ids);
    const last = shown.at(-1);
    return {
      items: shown.map((row) => ({
        ...row,
        ranking: row.ranking && row.ranking.map((documentId) => names.get(documentId) ?? null),
      })),
      next_cursor: rows.length > limit && last ? encodeCursor([String(last.ordinal)]) : null,
    };
  }

  /**
   * Two completed evaluations over the questions that both were asked with the same judgements.
   * @throws AppError `not_found`, `conflict` while one of them is not completed, `unprocessable` with nothing in common
   */
  async compare(caller: Caller, id: string, baselineId: string): Promise<EvaluationComparison> {
    const both = await Promise.all([
      this.evaluations.get(caller, baselineId),
      this.evaluations.get(caller, id),
    ]);
    if (both.some((each) => each.status !== 'completed'))
      throw new AppError('conflict', 'Only evaluations that are completed can be compared.');
    const pairs = await this.repository.pairs(baselineId, id);
    if (pairs.length === 0) throw new AppError('unprocessable', 'The two have no judged question in common.');
    const figures: Partial<Record<ComparedFigure, Comparison>> = {};
    for (const name of COMPARED)
      figures[name] = await compareRuns(side(pairs, 'baseline', name), side(pairs, 'evaluation', name));
    const judged = both.reduce((sum, each) => sum + (each.metrics?.queries ?? 0), 0);
    const moved = (pair: QueryPair): number => Math.abs(pair.evaluation.ndcg10 - pair.baseline.ndcg10);
    return {
      baselineId,
      evaluationId: id,
      unpaired: judged - 2 * pairs.length,
      figures: figures as Record<ComparedFigure, Comparison>,
      changes: pairs
        .filter((pair) => moved(pair) > 1e-9)
        .sort((a, b) => moved(b) - moved(a))
        .slice(0, MOST_CHANGES),
    };
  }
}

const side = (
  pairs: readonly QueryPair[],
  which: 'baseline' | 'evaluation',
  name: ComparedFigure,
): Map<string, number> => new Map(pairs.map((pair) => [pair.query_id, pair[which][name]]));
