import { Injectable, Logger } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { AppError } from '../common/errors/app-error.js';
import { Transactions } from '../database/transactions.js';
import type { RegisteredIndex } from '../vector/vector.types.js';
import { EncoderSwitchesRepository } from './encoder-switches.repository.js';
import type { NewSwitch, SwitchRow } from './encoders.types.js';

/** Begins and ends changes of the encoder: each with its entry in the audit log, in one transaction. */
@Injectable()
export class SwitchLedger {
  private readonly logger = new Logger('Encoders');

  constructor(
    private readonly switches: EncoderSwitchesRepository,
    private readonly transactions: Transactions,
    private readonly audit: AuditService,
  ) {}

  /** @throws AppError `encoder_switch_running` */
  begin(wanted: NewSwitch): Promise<SwitchRow> {
    return this.transactions.run(async (tx) => {
      const begun = await this.switches.begin(tx, wanted);
      if (!begun)
        throw new AppError(
          'encoder_switch_running',
          'One change at a time: GET /admin/index shows it, POST /admin/index/cancel ends it.',
        );
      const { activate, remove_old, sample } = begun;
      await this.audit.record(tx, {
        action: 'encoder.switch_started',
        ...about(begun, wanted.requestedBy),
        details: {
          kind: begun.kind,
          from: begun.from_model_id,
          to: begun.model_id,
          activate,
          remove_old,
          queries: sample?.queries.length ?? 0,
        },
      });
      return begun;
    });
  }

  /** @throws AppError `no_encoder_switch` where none waits for it */
  activate(actorId: string): Promise<SwitchRow> {
    return this.transactions.run(async (tx) => {
      const activated = await this.switches.activate(tx);
      if (!activated) throw new AppError('no_encoder_switch', 'No index waits for being activated.');
      await this.audit.record(tx, { action: 'encoder.switch_activated', ...about(activated, actorId) });
      return activated;
    });
  }

  /** @throws AppError `no_encoder_switch` */
  cancel(actorId: string): Promise<SwitchRow> {
    return this.transactions.run(async (tx) => {
      const cancelled = await this.switches.end(tx, 'cancelled');
      if (!cancelled) throw new AppError('no_encoder_switch', 'There is nothing to cancel.');
      await this.audit.record(tx, {
        action: 'encoder.switch_cancelled',
        ...about(cancelled, actorId),
        details: { model: cancelled.model_id },
      });
      return cancelled;
    });
  }

  /** Before it is done, for it cannot be undone. */
  async indexRemoved(index: RegisteredIndex, actorId: string): Promise<void> {
    await this.audit.record(undefined, {
      action: 'encoder.index_removed',
      actorId,
      targetType: 'vector_index',
      targetId: index.id,
      details: { model: index.modelId },
    });
  }

  /** The one step that everybody sees. @returns whether the new index answers now */
  async flip(open: SwitchRow, runner: string): Promise<boolean> {
    const done = await this.transactions.run(async (tx) => {
      const flipped = await this.switches.flip(tx, open.id, runner);
      if (flipped)
        await this.audit.record(tx, {
          action: 'encoder.switched',
          ...about(flipped, flipped.requested_by),
          details: { kind: flipped.kind, from: flipped.from_model_id, to: flipped.model_id },
        });
      return flipped;
    });
    if (done) this.logger.log(`${done.model_id} is the encoder from now on`);
    return done !== undefined;
  }

  /** It can never come to a good end. */
  async fail(id: string, reason: string): Promise<void> {
    await this.switches.tell(id, reason);
    await this.transactions.run(async (tx) => {
      const ended = await this.switches.end(tx, 'failed', id);
      if (!ended) return;
      await this.audit.record(tx, {
        action: 'encoder.switch_failed',
        ...about(ended, null),
        details: { model: ended.model_id, reason },
      });
    });
    this.logger.error(`the encoder was not changed: ${reason}`);
  }
}

const about = (
  { id }: SwitchRow,
  actorId: string | null,
): { actorId: string | null; targetType: string; targetId: string } => ({
  actorId,
  targetType: 'encoder_switch',
  targetId: id,
});
