import { Injectable } from '@nestjs/common';
import type { Caller } from '../collections/collections.types.js';
import { AppError, notFound } from '../common/errors/app-error.js';
import { EmbeddingsService } from '../embeddings/embeddings.service.js';
import { JobQueue } from '../jobs/job-queue.service.js';
import { VectorService } from '../vector/vector.service.js';
import type { RegisteredIndex } from '../vector/vector.types.js';
import { EncoderSwitchesRepository } from './encoder-switches.repository.js';
import type { EncoderStatus, NewSwitch, SwitchRequest, SwitchRow } from './encoders.types.js';
import { Samples } from './samples.service.js';
import { SwitchLedger } from './switch-ledger.service.js';
import { SWITCH_JOB } from './switch-runner.service.js';

/** Changing the encoder, as administrators ask for it; a job does the work. */
@Injectable()
export class EncoderSwitches {
  constructor(
    private readonly switches: EncoderSwitchesRepository,
    private readonly ledger: SwitchLedger,
    private readonly samples: Samples,
    private readonly embeddings: EmbeddingsService,
    private readonly vectors: VectorService,
    private readonly jobs: JobQueue,
  ) {}

  async status(): Promise<EncoderStatus> {
    const [available, change, previous] = await Promise.all([
      this.embeddings.offers(),
      this.switches.last(),
      this.previous(),
    ]);
    return {
      configured: this.embeddings.configured,
      available,
      change,
      previous: previous?.modelId,
    };
  }

  /**
   * Begins to build an index with another encoder beside the one that answers.
   * @throws AppError `unknown_encoder`, `encoder_in_use`, `encoder_not_installed`, `encoder_switch_running`, `conflict`
   * where vectors of another length are kept under this name, and what
   * `Samples.resolve` throws
   */
  async start(caller: Caller, request: SwitchRequest): Promise<SwitchRow> {
    const { encoder, activate, removeOld } = request;
    const { known, lacks, dimensions } = await this.embeddings.offer(encoder);
    if (!known) throw new AppError('unknown_encoder', lacks ?? 'It is not known.');
    if ((await this.inUse()) === encoder)
      throw new AppError('encoder_in_use', `${encoder} is the encoder in use.`);
    await this.assertNoneRuns();
    if (lacks !== null) throw new AppError('encoder_not_installed', lacks);
    const sample = request.sample ? await this.samples.resolve(caller, request.sample) : null;
    await this.assertSameWidth(encoder, dimensions);
    const { id: indexId } = await this.vectors.makeIndex({ modelId: encoder, dimensions });
    return this.begin({
      kind: 'switch',
      modelId: encoder,
      indexId,
      activate,
      removeOld,
      sample,
      requestedBy: caller.id,
    });
  }

  /**
   * Goes back to the index that answered before, once it has what came since.
   * @throws AppError `no_previous_encoder`, `encoder_not_installed`, `encoder_switch_running`
   */
  async rollback(caller: Caller): Promise<SwitchRow> {
    await this.assertNoneRuns();
    const previous = await this.previous();
    if (!previous)
      throw new AppError(
        'no_previous_encoder',
        'No index of another encoder was kept: POST /admin/index builds one.',
      );
    const { lacks } = await this.embeddings.offer(previous.modelId);
    if (lacks !== null) throw new AppError('encoder_not_installed', lacks);
    return this.begin({
      kind: 'rollback',
      modelId: previous.modelId,
      indexId: previous.id,
      activate: 'always',
      removeOld: false,
      sample: null,
      requestedBy: caller.id,
    });
  }

  /** Has the index that was built answer. @throws AppError `no_encoder_switch` */
  async activate(caller: Caller): Promise<SwitchRow> {
    const activated = await this.ledger.activate(caller.id);
    await this.work();
    return activated;
  }

  /** Ends the open change; what was built for it is removed. @throws AppError `no_encoder_switch` */
  async cancel(caller: Caller): Promise<SwitchRow> {
    const cancelled = await this.ledger.cancel(caller.id);
    await this.work();
    return cancelled;
  }

  /** Removes an index that answers no more, or that nobody builds any more. @throws AppError `not_found`, `encoder_in_use` */
  async remove(caller: Caller, id: string): Promise<void> {
    const index = (await this.vectors.listOwn()).find((one) => one.id === id);
    if (!index) throw notFound('index');
    if (index.state === 'active') throw new AppError('encoder_in_use', 'This index answers queries.');
    // A process may have ended before it began the switch for which it made the index.
    if (index.state === 'building' && !(await this.switches.abandon(id)))
      throw new AppError('encoder_in_use', 'This index is being built.');
    await this.ledger.indexRemoved(index, caller.id);
    if ((await this.vectors.dropRetired(0, id)) === 0)
      throw new AppError('encoder_in_use', 'This index has just been taken into use.');
  }

  private async begin(wanted: NewSwitch): Promise<SwitchRow> {
    const begun = await this.ledger.begin(wanted).catch(async (error: unknown) => {
      // The index was made for it. Where this fails too, it can still be removed by hand.
      await this.switches.abandon(wanted.indexId).catch(() => undefined);
      throw error;
    });
    await this.work();
    return begun;
  }

  private async work(): Promise<void> {
    await this.jobs.send(SWITCH_JOB, {});
    this.jobs.wake(SWITCH_JOB);
  }

  private async previous(): Promise<RegisteredIndex | undefined> {
    return (await this.vectors.listOwn()).find((index) => index.state === 'retired' && index.kept);
  }

  private async inUse(): Promise<string> {
    return (await this.vectors.activeIndex())?.modelId ?? this.embeddings.chosenInfo().modelId;
  }

  /** One name is one encoder: an index that was kept holds vectors of a length that does not change. */
  private async assertSameWidth(modelId: string, dimensions: number): Promise<void> {
    const kept = (await this.vectors.listOwn()).find((index) => index.modelId === modelId);
    if (kept && kept.dimensions !== dimensions)
      throw new AppError(
        'conflict',
        `${modelId} has ${dimensions} dimensions, but an index of this name holds vectors of ${kept.dimensions}: DELETE /admin/index/${kept.id}, or give the encoder another name.`,
      );
  }

  private async assertNoneRuns(): Promise<void> {
    if (await this.switches.open())
      throw new AppError(
        'encoder_switch_running',
        'One change at a time: GET /admin/index shows it, POST /admin/index/cancel ends it.',
      );
  }
}
