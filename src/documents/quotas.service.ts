import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { Settings } from '../config/settings.js';
import type { Transaction } from '../database/transaction.types.js';
import { QuotasRepository, type Usage } from './quotas.repository.js';

const RETRY_SECONDS = 30;

/** What a user may keep, and how many files may wait. */
@Injectable()
export class QuotasService {
  constructor(
    private readonly repository: QuotasRepository,
    private readonly settings: Settings,
  ) {}

  /** Bytes of documents that any user may keep. */
  get most(): number {
    return this.settings.quotaBytes;
  }

  usage(userId: string): Promise<Usage> {
    return this.repository.usage(userId);
  }

  /**
   * Refuses what a transaction wrote when it was too much. Whoever writes for the same user waits for it to end, so
   * requests that race for the last bytes do not all get them.
   * @throws AppError `quota_exceeded`
   */
  async enforce(tx: Transaction, userId: string): Promise<void> {
    this.requireQuota(await this.repository.usage(userId, tx));
  }

  /** The same for files that wait, which somebody else may have asked for. @throws AppError `too_many_requests` */
  async enforceLine(tx: Transaction, ownerId: string): Promise<void> {
    const { waiting } = await this.repository.usage(ownerId, tx);
    if (waiting > this.settings.maxQueuedDocuments)
      throw lineFull('Too many files of the owner of this document wait to be read.');
  }

  /** Both. @throws AppError `quota_exceeded`, `too_many_requests` */
  async enforceAll(tx: Transaction, userId: string): Promise<void> {
    const usage = await this.repository.usage(userId, tx);
    this.requireQuota(usage);
    this.requireQueue(usage);
  }

  private requireQuota({ documents, bytes }: Usage): void {
    const { quotaDocuments, quotaBytes } = this.settings;
    if (documents > quotaDocuments)
      throw new AppError(
        'quota_exceeded',
        `You may keep ${quotaDocuments} documents. Delete some to make room.`,
      );
    if (bytes > quotaBytes)
      throw new AppError(
        'quota_exceeded',
        `You may keep ${quotaBytes} bytes of documents. Delete some to make room.`,
      );
  }

  private requireQueue({ waiting }: Usage): void {
    if (waiting > this.settings.maxQueuedDocuments)
      throw lineFull(`${waiting} of your files wait to be read.`);
  }

  /**
   * How large another new document may be, known before it is read.
   * @throws AppError `quota_exceeded`, `too_many_requests` when there is no room for any
   */
  async room(userId: string): Promise<number> {
    const { documents, bytes, waiting } = await this.repository.usage(userId);
    const { quotaDocuments, quotaBytes, maxQueuedDocuments } = this.settings;
    if (documents >= quotaDocuments || bytes > quotaBytes)
      throw new AppError('quota_exceeded', 'Your quota is used up. Delete documents to make room.');
    if (waiting >= maxQueuedDocuments) throw lineFull(`${waiting} of your files wait to be read.`);
    return quotaBytes - bytes;
  }
}

const lineFull = (why: string): AppError =>
  new AppError('too_many_requests', `${why} Go on when some of them are done.`, {
    retryAfter: RETRY_SECONDS,
  });
