import { Injectable } from '@nestjs/common';
import { notFound } from '../common/errors/app-error.js';
import { DocumentsService } from '../documents/documents.service.js';
import { EncoderSwitches } from '../encoders/encoder-switches.service.js';
import type { EncoderStatus } from '../encoders/encoders.types.js';
import { IndexRebuilds } from '../ingestion/rebuild/index-rebuilds.service.js';
import type { Rebuildable, RebuildState } from '../ingestion/rebuild/rebuild.types.js';
import { Reconciler } from '../ingestion/reconcile/reconcile.service.js';
import type { ReconciliationRow } from '../ingestion/reconcile/reconcile.types.js';
import { VectorService } from '../vector/vector.service.js';
import type { RegisteredIndex } from '../vector/vector.types.js';
import { IndexFigures } from './index-figures.service.js';

/** Long enough for most installations; a larger one is asked again. */
const WAIT_MS = 20_000;

export interface IndexState {
  indexes: RegisteredIndex[];
  chunks: number;
  encoder: string;
  encoder_state: string;
  vectors: number | null;
  waiting: number;
  lastCheck: ReconciliationRow | undefined;
  encoders: EncoderStatus;
  rebuilds: RebuildState[];
}

/** The state of the indexes, and their comparison with PostgreSQL. */
@Injectable()
export class IndexAdmin {
  constructor(
    private readonly vectors: VectorService,
    private readonly figures: IndexFigures,
    private readonly documents: DocumentsService,
    private readonly reconciler: Reconciler,
    private readonly encoders: EncoderSwitches,
    private readonly rebuilds: IndexRebuilds,
  ) {}

  async state(): Promise<IndexState> {
    const [indexes, figures, documents, lastCheck, encoders, rebuilds] = await Promise.all([
      this.vectors.list(),
      this.figures.figures(),
      this.documents.counts(),
      this.reconciler.last(),
      this.encoders.status(),
      this.rebuilds.last(),
    ]);
    return { indexes, chunks: documents.chunks, ...figures, lastCheck, encoders, rebuilds };
  }

  rebuild(userId: string, what: Rebuildable): Promise<RebuildState> {
    return this.rebuilds.request(what, userId);
  }

  reconcile(userId: string, dryRun: boolean): Promise<ReconciliationRow> {
    return this.reconciler.request(dryRun, userId, WAIT_MS);
  }

  /** @throws AppError `not_found` */
  async reconciliation(id: string): Promise<ReconciliationRow> {
    const found = await this.reconciler.find(id);
    if (!found) throw notFound('comparison');
    return found;
  }
}
