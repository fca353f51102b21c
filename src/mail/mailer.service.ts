import { createHmac, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { SecretBox } from '../common/security/secret-box.js';
import { DataEncryption } from '../config/data-encryption.service.js';
import { Settings } from '../config/settings.js';
import type { Transaction } from '../database/transaction.types.js';
import { JobQueue } from '../jobs/job-queue.service.js';
import { MailRepository } from './mail.repository.js';
import type { Mail, MailOptions } from './mail.types.js';

export const SEND_JOB = 'mail.send';

/** The caller's transaction is most likely over by then; if not, the next poll finds the job. */
const WAKE_AFTER_MS = 25;
/** Mails that an address gets because somebody asked for them: enough for its owner, too few to annoy. */
export const ASKED_FOR = { mails: 6, window: 3600 } as const;

/**
 * Outgoing mail. A mail belongs to the caller's transaction: it goes out exactly if that commits, survives a crash,
 * and is tried again while the mail server is away. No request ever waits for it.
 */
@Injectable()
export class Mailer {
  private readonly box: SecretBox;
  private lastWritten = 0;

  constructor(
    private readonly repository: MailRepository,
    private readonly jobs: JobQueue,
    private readonly settings: Settings,
    encryption: DataEncryption,
  ) {
    this.box = encryption.boxFor('mail');
  }

  /** Address below `PUBLIC_URL`, with the token where browsers keep it to themselves: behind the `#`. */
  link(path: string, token: string): string {
    return `${this.settings.linkBase}/${path}#token=${token}`;
  }

  async queue(transaction: Transaction, mail: Mail, options: MailOptions): Promise<void> {
    const id = randomUUID();
    const sealed = this.box.seal(JSON.stringify({ ...mail, writtenAt: this.now() }), id);
    const { usefulFor, userId = null } = options;
    await this.repository.insert(transaction, { id, userId, sealed, usefulFor });
    await this.jobs.enqueue(transaction, SEND_JOB, { id });
    setTimeout(() => this.jobs.wake(SEND_JOB), WAKE_AFTER_MS).unref();
  }

  /** Never the same twice: of two mails that are handed over side by side it can be told which is the newer. */
  private now(): number {
    return (this.lastWritten = Math.max(Date.now(), this.lastWritten + 1));
  }

  /**
   * Whether an address may get one more mail that anybody can ask for. Ask before `queue`; never tell the one who
   * asked for the mail.
   */
  async allows(transaction: Transaction, address: string): Promise<boolean> {
    const recipient = createHmac('sha256', this.settings.dataEncryptionKey)
      .update(`mail ${address}`)
      .digest();
    return (await this.repository.count(transaction, recipient, ASKED_FOR.window)) <= ASKED_FOR.mails;
  }

  /** Undefined when it was sealed with a key that is gone. */
  open(id: string, sealed: Buffer): Mail | undefined {
    const text = this.box.open(sealed, id);
    return text === undefined ? undefined : (JSON.parse(text) as Mail);
  }
}
