import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { CollectionsService } from '../collections/collections.service.js';
import type { Caller } from '../collections/collections.types.js';
import { AppError, notFound } from '../common/errors/app-error.js';
import { decodeTimeCursor, DEFAULT_PAGE, toPage, type Page } from '../common/http/page.js';
import { newId } from '../common/new-id.js';
import type { Actor } from '../common/security/actor.types.js';
import type { Transaction } from '../database/transaction.types.js';
import { Transactions } from '../database/transactions.js';
import { JobQueue } from '../jobs/job-queue.service.js';
import { UsersService } from '../users/users.service.js';
import type { RetrievalMode } from '../rag/retrieval.types.js';
import { EvaluationsRepository, type Reader } from './evaluations.repository.js';
import type { EvaluationRow, EvaluationSource, JudgedQuery } from './evaluations.types.js';

/** Asks the questions of an evaluation; its data is `{ evaluation_id }`, and so is its id. */
export const EVALUATION_JOB = 'evaluations.run';

/** Of each administrator. */
const MOST_STORED = 200;
const MOST_UNFINISHED = 10;

export interface EvaluationOptions {
  name?: string | undefined;
  /** `hybrid` by default. */
  mode?: RetrievalMode | undefined;
  /** All that the caller may read by default. */
  collectionIds?: readonly string[] | undefined;
  /** Also has every question answered. */
  answers?: boolean | undefined;
}

export interface EvaluationRequest extends EvaluationOptions {
  source: EvaluationSource;
  queries: readonly JudgedQuery[];
}

/**
 * Evaluations of retrieval on this server's own documents. Each belongs to the administrator who started it, runs with
 * what that administrator may read, and is nobody else's business but for who states a reason.
 */
@Injectable()
export class EvaluationsService {
  constructor(
    private readonly repository: EvaluationsRepository,
    private readonly collections: CollectionsService,
    private readonly users: UsersService,
    private readonly transactions: Transactions,
    private readonly jobs: JobQueue,
    private readonly audit: AuditService,
  ) {}

  /** @throws AppError `not_found` for a collection that may not be read, `conflict` where there are too many */
  async start(caller: Caller, actor: Actor, request: EvaluationRequest): Promise<EvaluationRow> {
    const { collectionIds, queries, source } = request;
    if (collectionIds) await this.collections.readableAmong(caller, collectionIds);
    const id = newId();
    const evaluation = {
      id,
      userId: caller.id,
      name: request.name ?? null,
      source,
      mode: request.mode ?? 'hybrid',
      collectionIds: collectionIds ? [...new Set(collectionIds)] : null,
      adminAccess: caller.adminAccess ?? false,
      answers: request.answers ?? false,
      queries,
    };
    await this.transactions.run(async (tx) => {
      await this.requireRoom(tx, caller.id);
      // The same request again, after the first one's answer was lost.
      await this.repository.delete(tx, id);
      await this.repository.insert(tx, evaluation);
      await this.lineUp(tx, caller.id, id);
      await this.record(tx, 'evaluation.started', actor, id, {
        mode: evaluation.mode,
        source,
        queries: queries.length,
        collections: evaluation.collectionIds,
        admin_access: evaluation.adminAccess,
      });
    });
    this.jobs.wake(EVALUATION_JOB);
    return this.get(caller, id);
  }

  async page(
    caller: Caller,
    query: { limit?: number | undefined; cursor?: string | undefined },
  ): Promise<Page<EvaluationRow>> {
    const limit = query.limit ?? DEFAULT_PAGE;
    const rows = await this.repository.page(readerOf(caller), decodeTimeCursor(query.cursor), limit + 1);
    return toPage(
      rows,
      limit,
      (row) => [row.created_at.toISOString(), row.id],
      (row) => row,
    );
  }

  /** @throws AppError `not_found`, also for one of somebody else */
  async get(caller: Caller, id: string): Promise<EvaluationRow> {
    const row = await this.repository.find(readerOf(caller), id);
    if (!row) throw notFound('evaluation');
    return row;
  }

  /** @throws AppError `not_found`, `conflict` where it has ended */
  async cancel(caller: Caller, actor: Actor, id: string): Promise<EvaluationRow> {
    await this.get(caller, id);
    if (!(await this.cancelJob(id))) throw new AppError('conflict', 'The evaluation has ended.');
    await this.record(undefined, 'evaluation.cancelled', actor, id);
    return this.get(caller, id);
  }

  /**
   * Goes on where it stopped; what passes over permission wants a reason again.
   * @throws AppError `not_found`, `forbidden`, `conflict` where it neither failed nor was cancelled
   */
  async retry(caller: Caller, id: string): Promise<EvaluationRow> {
    const { user_id: userId, admin_access: passes } = await this.get(caller, id);
    if (passes && !caller.adminAccess)
      throw new AppError(
        'forbidden',
        'This evaluation passes over permission: state a reason in X-Admin-Access.',
      );
    await this.requeue(userId, id);
    return this.get(caller, id);
  }

  /** @throws AppError `not_found` */
  async remove(caller: Caller, actor: Actor, id: string): Promise<void> {
    await this.get(caller, id);
    await this.transactions.run(async (tx) => {
      if (await this.repository.delete(tx, id)) await this.record(tx, 'evaluation.deleted', actor, id);
    });
    await this.jobs.cancel(EVALUATION_JOB, [id]);
  }

  /** For whoever handles jobs; false where it has ended. */
  async cancelJob(id: string): Promise<boolean> {
    // The job first: a run that finds its evaluation ended completes its job, and a completed one never runs again.
    await this.jobs.cancel(EVALUATION_JOB, [id]);
    return this.repository.end(id, { status: 'cancelled' });
  }

  /** For whoever handles jobs. @throws AppError `conflict` */
  async retryJob(id: string): Promise<void> {
    const found = await this.repository.findAny(id);
    if (!found) throw new AppError('conflict', 'The evaluation was deleted meanwhile.');
    if (found.admin_access)
      throw new AppError(
        'conflict',
        'This evaluation passes over permission: use POST /admin/evaluations/{id}/retry.',
      );
    await this.requeue(found.user_id, id);
  }

  private async requeue(userId: string, id: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.users.lock(tx, userId);
      if (!(await this.repository.requeue(tx, id)))
        throw new AppError('conflict', 'Only an evaluation that failed or was cancelled can go on.');
      await this.lineUp(tx, userId, id);
    });
    this.jobs.wake(EVALUATION_JOB);
  }

  private lineUp(tx: Transaction, userId: string, id: string): Promise<void> {
    return this.jobs.enqueueInTurn(tx, EVALUATION_JOB, userId, [{ id, data: { evaluation_id: id } }]);
  }

  private async requireRoom(tx: Transaction, userId: string): Promise<void> {
    await this.users.lock(tx, userId);
    const { stored, unfinished } = await this.repository.counts(tx, userId);
    if (unfinished >= MOST_UNFINISHED)
      throw new AppError(
        'conflict',
        `${MOST_UNFINISHED} evaluations of yours wait or run: wait, or cancel one.`,
      );
    if (stored >= MOST_STORED)
      throw new AppError('conflict', `You have ${MOST_STORED} evaluations: delete one first.`);
  }

  private record(
    tx: Transaction | undefined,
    action: string,
    { id: actorId, ip, requestId }: Actor,
    targetId: string,
    details: Record<string, unknown> = {},
  ): Promise<void> {
    return this.audit.record(tx, {
      action,
      actorId,
      ip,
      requestId,
      targetType: 'evaluation',
      targetId,
      details,
    });
  }
}

const readerOf = (caller: Caller): Reader => ({
  userId: caller.id,
  everything: caller.adminAccess ?? false,
});
