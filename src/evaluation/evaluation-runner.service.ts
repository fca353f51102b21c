import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { JobQueue } from '../jobs/job-queue.service.js';
import { JobDead, type JobContext } from '../jobs/jobs.types.js';
import { RagSetup } from '../rag/rag-setup.service.js';
import { EvaluationScope } from './evaluation-scope.service.js';
import { EvaluationRunRepository } from './evaluation-run.repository.js';
import { EvaluationsRepository } from './evaluations.repository.js';
import { EVALUATION_JOB } from './evaluations.service.js';
import type { EvaluationRow } from './evaluations.types.js';
import { QueryAsker } from './query-asker.service.js';
import { summarise } from './summary.js';

const SWEEP_JOB = 'evaluations.sweep';
const HOUR = 3600;
/** Between two looks at whether who started it may still do so. */
const BATCH = 20;
/** What waits this long without a job has lost it. */
const LOST_SECONDS = 120;

/** The evaluation was cancelled or deleted while it ran. */
class Ended extends Error {}

/**
 * Asks the questions of an evaluation one after the other, so that other users hardly notice. Each outcome is kept as
 * it comes: after a crash the next worker goes on with the questions that have none.
 */
@Injectable()
export class EvaluationRunner implements OnApplicationBootstrap {
  private readonly logger = new Logger('Evaluations');

  constructor(
    private readonly repository: EvaluationsRepository,
    private readonly runs: EvaluationRunRepository,
    private readonly asker: QueryAsker,
    private readonly scope: EvaluationScope,
    private readonly setup: RagSetup,
    private readonly jobs: JobQueue,
  ) {
    jobs.define<{ evaluation_id: string }>({
      name: EVALUATION_JOB,
      retries: 10,
      maxRetrySeconds: 60,
      expireSeconds: 12 * HOUR,
      run: (data, context) => this.run(data.evaluation_id, context),
    });
    jobs.define({
      name: SWEEP_JOB,
      single: true,
      retries: 1,
      expireSeconds: 600,
      everySeconds: 600,
      run: () => this.sweep(),
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.send(SWEEP_JOB, {});
  }

  private async run(id: string, { signal, lastAttempt }: JobContext): Promise<void> {
    const evaluation = await this.repository.begin(id, this.setup.describe());
    if (!evaluation) return;
    try {
      await this.ask(evaluation, signal);
      await this.repository.end(id, {
        status: 'completed',
        metrics: summarise(evaluation, await this.runs.outcomes(id)),
      });
    } catch (error) {
      if (error instanceof Ended) return;
      // Whoever stopped the job has said what becomes of it; a process that ends leaves it to the next.
      if (signal.aborted) throw error;
      // Who started it asks the model elsewhere as well: there is a place again in a moment.
      const refused = error instanceof AppError && error.status < 500 && error.code !== 'too_many_requests';
      if (refused || lastAttempt) await this.repository.end(id, { status: 'failed', ...reasonOf(error) });
      if (refused) throw new JobDead(error.message);
      this.logger.warn({ err: error }, 'an evaluation was interrupted');
      throw error;
    }
  }

  private async ask(evaluation: EvaluationRow, signal: AbortSignal): Promise<void> {
    const { id } = evaluation;
    const caller = await this.scope.callerOf(evaluation);
    if (evaluation.unknown_judgements === null)
      await this.runs.setUnknown(
        id,
        await this.scope.unknown(caller, evaluation, await this.runs.relevant(id)),
      );
    for (;;) {
      const current = await this.scope.callerOf(evaluation);
      const batch = await this.runs.open(id, BATCH);
      if (batch.length === 0) return;
      for (const query of batch) {
        signal.throwIfAborted();
        const outcome = await this.asker.ask(current, evaluation, query, signal);
        if (!(await this.runs.store(id, query.ordinal, outcome))) throw new Ended();
      }
    }
  }

  /** What has no job any more (the database was restored, the job given up after many crashes) comes to an end. */
  private async sweep(): Promise<void> {
    const unfinished = await this.repository.unfinished(LOST_SECONDS);
    for (const id of await this.jobs.missing(EVALUATION_JOB, unfinished))
      await this.repository.end(id, {
        status: 'failed',
        code: 'evaluation_interrupted',
        detail: 'The evaluation was interrupted. Go on with POST /admin/evaluations/{id}/retry.',
      });
  }
}

function reasonOf(error: unknown): { code: string; detail: string } {
  if (error instanceof AppError) return { code: error.code, detail: error.detail };
  return {
    code: 'evaluation_failed',
    detail: 'The evaluation failed unexpectedly. Go on with POST /admin/evaluations/{id}/retry.',
  };
}
