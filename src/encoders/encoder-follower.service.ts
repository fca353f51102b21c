import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { CommitWatch } from '../database/commit-watch.js';
import { EmbeddingsService } from '../embeddings/embeddings.service.js';
import type { EncoderChoice } from '../embeddings/embeddings.types.js';
import { EmbeddingBacklog } from '../ingestion/embedding/embedding-backlog.service.js';
import { VectorService } from '../vector/vector.service.js';
import type { RegisteredIndex } from '../vector/vector.types.js';
import { EncoderSwitchesRepository } from './encoder-switches.repository.js';
import type { SwitchRow } from './encoders.types.js';

const LOOK_MS = 1_000;

/**
 * Has this process use the encoder that the database names, within a second of a change, and get ready for one that is
 * about to be made. `EMBEDDING_MODEL` is the first choice, until the first vectors are there.
 */
@Injectable()
export class EncoderFollower implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Encoders');
  private active: string | undefined;
  private target: string | undefined;
  private paused = false;
  /** What `CommitWatch` said before the last look; undefined while looking again could find anything else. */
  private settledAt: number | undefined;
  private looking: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly switches: EncoderSwitchesRepository,
    private readonly vectors: VectorService,
    private readonly embeddings: EmbeddingsService,
    private readonly backlog: EmbeddingBacklog,
    private readonly settings: Settings,
    private readonly watch: CommitWatch,
  ) {}

  async onModuleInit(): Promise<void> {
    const decided = await this.vectors.decidedEncoder();
    if (decided) this.use(decided);
    // It loads while the rest of the application starts.
    this.embeddings.start();
  }

  private use(decided: EncoderChoice): void {
    this.embeddings.choose(decided);
    const { embeddingModel } = this.settings;
    if (decided.modelId !== embeddingModel)
      this.logger.warn(
        `EMBEDDING_MODEL is ${embeddingModel}, but the vectors are those of ${decided.modelId}, which stays in use; POST /admin/index changes the encoder`,
      );
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.look();
    this.timer = setInterval(() => void this.lookAgain(), LOOK_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  /** Looks now; never rejects. */
  look(): Promise<void> {
    return (this.looking ??= this.follow()
      .catch((error: unknown) => this.logger.debug({ err: error }, 'the encoder in use was not looked up'))
      .finally(() => (this.looking = undefined)));
  }

  /** A change of the encoder begins with a transaction: where nobody else can write, there is none before one. */
  private async lookAgain(): Promise<void> {
    if (this.settledAt === undefined || this.settledAt !== this.watch.mark) await this.look();
  }

  private async follow(): Promise<void> {
    this.settledAt = undefined;
    const { mark } = this.watch;
    const [indexes, open] = await Promise.all([this.vectors.refresh(), this.switches.open()]);
    const active = indexes.find((index) => index.state === 'active');
    const changed = active !== undefined && this.active !== undefined && this.active !== active.id;
    this.active = active?.id;
    if (active && active.modelId !== this.embeddings.chosenInfo().modelId) {
      const decided = changed ? active : await this.vectors.decidedEncoder();
      if (decided) this.embeddings.choose(decided);
    }
    // Only now: what was got ready and is chosen at last must not be let go in between.
    this.getReady(open, indexes);
    // What waited for the moment of the change goes on.
    const paused = open?.phase === 'switching';
    if (changed || (this.paused && !paused)) this.backlog.reopen();
    this.paused = paused;
    const follows = active === undefined || active.modelId === this.embeddings.chosenInfo().modelId;
    if (follows && open === undefined) this.settledAt = mark;
  }

  private getReady(open: SwitchRow | undefined, indexes: readonly RegisteredIndex[]): void {
    const soon = open?.phase === 'preparing' || open?.phase === 'switching';
    const works = this.settings.processRole !== 'api' && open !== undefined && open.phase !== 'ready';
    const target = soon || works ? indexes.find((index) => index.id === open?.index_id) : undefined;
    this.embeddings.prepare(target ? [target] : []);
    if (target && soon)
      this.vectors
        .prepare(target)
        .catch((error: unknown) => this.logger.warn({ err: error }, 'the next index is not in memory yet'));
    if (this.target !== undefined && target === undefined) this.vectors.letGo();
    this.target = target?.id;
  }
}
