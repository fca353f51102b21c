import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { EmbeddingsService } from '../embeddings/embeddings.service.js';
import { IndexBuilder, type BuildContext } from '../ingestion/index-build/index-builder.service.js';
import { VectorService } from '../vector/vector.service.js';
import type { RegisteredIndex } from '../vector/vector.types.js';
import { EncoderComparison } from './encoder-comparison.service.js';
import { EncoderSwitchesRepository } from './encoder-switches.repository.js';
import type { SwitchPhase, SwitchRow } from './encoders.types.js';
import { SwitchLedger } from './switch-ledger.service.js';
import { SwitchOver } from './switch-over.js';

const POLL_MS = 500;
/** Time for other processes to hear of it, and to load the encoder and the vectors. */
const OTHERS_MS = 4_000;
const MOST_FLIPS = 100;
/** So many versions are made in the short time in which nothing becomes whole in the old index. */
const FEW = 64;

/** A change of the encoder step by step. Each step may be repeated; the phase says with which one to begin. */
@Injectable()
export class SwitchSteps {
  private readonly logger = new Logger('Encoders');

  constructor(
    private readonly switches: EncoderSwitchesRepository,
    private readonly builder: IndexBuilder,
    private readonly embeddings: EmbeddingsService,
    private readonly vectors: VectorService,
    private readonly comparison: EncoderComparison,
    private readonly ledger: SwitchLedger,
    private readonly settings: Settings,
  ) {}

  /** Works until the other index answers, or waits for an administrator. */
  async run({ id }: SwitchRow, runner: string, signal: AbortSignal): Promise<void> {
    const open = await this.switches.open();
    if (open?.id !== id) return;
    const index = await this.index(open);
    await this.encoder(open, signal);
    const build = (): Promise<void> => this.build(open, index, runner, signal);
    const catchUp = (): Promise<void> => this.catchUp(open, index, runner, signal);
    if (open.phase === 'building' || open.phase === 'comparing') {
      await build();
      if (!(await this.compare(open, index, runner, signal))) return;
    }
    await this.enter(open, runner, 'preparing');
    await build();
    await this.vectors.prepare(index);
    if (!this.settings.embedded) await sleep(OTHERS_MS, undefined, { signal });
    await this.enter(open, runner, 'switching');
    for (let attempt = 0; attempt < MOST_FLIPS; attempt++) {
      await catchUp();
      if (await this.ledger.flip(open, runner)) return;
      signal.throwIfAborted();
      await sleep(POLL_MS, undefined, { signal });
    }
    throw new Error('new vectors keep coming into the index that is to be replaced');
  }

  async dropRetired(seconds: number): Promise<void> {
    const dropped = await this.vectors.dropRetired(seconds);
    if (dropped > 0) this.logger.log(`${dropped} vector indexes that nobody uses any more were removed`);
  }

  private async index(open: SwitchRow): Promise<RegisteredIndex> {
    const find = async (): Promise<RegisteredIndex | undefined> =>
      (await this.vectors.listOwn()).find((one) => one.id === open.index_id);
    const registered = await find();
    if (!registered) throw new Error('the index that is to be built belongs to another vector store');
    // A store that lost it makes it anew.
    await this.vectors.makeIndex(registered);
    return registered;
  }

  /** Waits until the encoder is there, saying what it waits for. */
  private async encoder(open: SwitchRow, signal: AbortSignal): Promise<void> {
    for (let told = ''; ;) {
      const state = this.embeddings.stateOf(open.model_id);
      if (state.state === 'ready') return;
      if (state.detail !== told && state.state !== 'loading')
        await this.switches.tell(open.id, (told = state.detail));
      await sleep(POLL_MS, undefined, { signal });
    }
  }

  /**
   * Passes until little lacks, and all that counts as made is there. What comes during a pass is for the next one: the
   * last of them cannot be waited for, as there may be no end to what comes.
   */
  private async build(
    open: SwitchRow,
    index: RegisteredIndex,
    runner: string,
    signal: AbortSignal,
  ): Promise<void> {
    for (let before = Infinity; ;) {
      const lacking = await this.builder.pass(index, await this.context(open, index, runner, signal));
      const settled = lacking <= FEW || lacking >= before;
      if (settled && (await this.builder.verify(index, signal)) === 0) return;
      before = lacking;
    }
  }

  /** What the old index holds: in this phase it gets no more. */
  private async catchUp(
    open: SwitchRow,
    index: RegisteredIndex,
    runner: string,
    signal: AbortSignal,
  ): Promise<void> {
    await this.builder.catchUp(index, await this.context(open, index, runner, signal));
  }

  /** Shows how far it is, and keeps it going. */
  private async context(
    open: SwitchRow,
    index: RegisteredIndex,
    runner: string,
    signal: AbortSignal,
  ): Promise<BuildContext> {
    let { done, total } = await this.builder.progress(index.id);
    await this.switches.progress(open.id, runner, done, total);
    const onProgress = async (passages: number): Promise<void> => {
      done += passages;
      // What came in meanwhile was not counted yet.
      if (done > total) ({ done, total } = await this.builder.progress(index.id));
      if (!(await this.switches.extend(open.id, runner))) throw new SwitchOver();
      await this.switches.progress(open.id, runner, done, total);
    };
    return { signal, onProgress };
  }

  /** @returns whether the new index may take over without being asked for */
  private async compare(
    open: SwitchRow,
    index: RegisteredIndex,
    runner: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (open.sample && open.from_model_id !== null) {
      await this.enter(open, runner, 'comparing');
      await this.vectors.refresh();
      const models = { before: open.from_model_id, after: index.modelId };
      open.comparison = await this.comparison.compare(open.sample, models, signal);
      await this.switches.compared(open.id, open.comparison);
    }
    const worse = open.comparison && open.comparison.after.ndcg10 < open.comparison.before.ndcg10;
    if (open.activate === 'always' || (open.activate === 'if_not_worse' && !worse)) return true;
    await this.enter(open, runner, 'ready');
    return false;
  }

  private async enter(open: SwitchRow, runner: string, phase: SwitchPhase): Promise<void> {
    if (!(await this.switches.enter(open.id, runner, phase))) throw new SwitchOver();
    open.phase = phase;
  }
}
