import { Injectable } from '@nestjs/common';
import type { Caller } from '../collections/collections.types.js';
import { AppError } from '../common/errors/app-error.js';
import type { Actor } from '../common/security/actor.types.js';
import { FeedbackService } from '../conversations/feedback.service.js';
import { EvaluationsService, type EvaluationOptions } from './evaluations.service.js';
import type { EvaluationRow, JudgedQuery } from './evaluations.types.js';
import { MAX_QUERIES, readQuerySet } from './query-set.js';

/** Where the questions come from. */
export interface QuerySource {
  queries?: readonly unknown[] | undefined;
  judgements?: readonly unknown[] | undefined;
  feedback?: { since?: string | undefined } | undefined;
}

/** Turns what an administrator sent into an evaluation. */
@Injectable()
export class EvaluationStart {
  constructor(
    private readonly evaluations: EvaluationsService,
    private readonly feedback: FeedbackService,
  ) {}

  /** @throws AppError `validation_failed`, `not_found` for a collection that may not be read, `conflict`, `unprocessable` */
  async start(
    caller: Caller,
    actor: Actor,
    source: QuerySource,
    options: EvaluationOptions,
  ): Promise<EvaluationRow> {
    const { queries, judgements = [], feedback } = source;
    if ((queries === undefined) === (feedback === undefined))
      throw new AppError('validation_failed', 'Give either queries with judgements, or feedback.');
    if (feedback)
      return this.evaluations.start(caller, actor, {
        ...options,
        source: 'feedback',
        queries: await this.ofFeedback(caller, feedback.since),
      });
    const set = readQuerySet(queries ?? [], judgements, { needed: options.answers !== true });
    return this.evaluations.start(caller, actor, { ...options, source: 'inline', queries: set });
  }

  /** The newest questions that users gave a judgement about. */
  private async ofFeedback(caller: Caller, since: string | undefined): Promise<JudgedQuery[]> {
    const { queries, judgements } = await this.feedback.querySet(
      caller,
      since === undefined ? undefined : new Date(since),
    );
    const kept = queries.slice(0, MAX_QUERIES);
    const ids = new Set(kept.map((query) => query.id));
    // A doc_id may be that of a document in another collection: here the document itself is known.
    const named = judgements
      .filter((judgement) => ids.has(judgement.query_id))
      .map(({ query_id, document_id, relevance }) => ({ query_id, document_id, relevance }));
    if (!named.some(({ relevance }) => relevance > 0))
      throw new AppError(
        'unprocessable',
        'Nobody has said yet which answers helped: there is nothing to measure.',
      );
    return readQuerySet(kept, named, { needed: true });
  }
}
