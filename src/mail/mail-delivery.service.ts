import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { JobQueue } from '../jobs/job-queue.service.js';
import { MailTransport, UndeliverableMail } from './mail-transport.port.js';
import { MailRepository } from './mail.repository.js';
import { ASKED_FOR, Mailer, SEND_JOB } from './mailer.service.js';
import { renderMail } from './render-mail.js';

/** With the growing waits between them, two days. */
const ATTEMPTS = 600;

/** Hands queued mails over. A crash right behind that sends a mail again, with the same Message-ID. */
@Injectable()
export class MailDelivery implements OnApplicationShutdown {
  private readonly logger = new Logger('Mail');

  constructor(
    private readonly repository: MailRepository,
    private readonly mailer: Mailer,
    private readonly transport: MailTransport,
    jobs: JobQueue,
  ) {
    jobs.define<{ id: string }>({
      name: SEND_JOB,
      retries: ATTEMPTS,
      expireSeconds: 180,
      concurrency: 2,
      run: ({ id }) => this.deliver(id),
    });
    jobs.define<object>({
      name: 'mail.purge',
      single: true,
      retries: 3,
      expireSeconds: 600,
      everySeconds: 3600,
      run: () => this.repository.purge(ASKED_FOR.window),
    });
  }

  private async deliver(id: string): Promise<void> {
    const sealed = await this.repository.find(id);
    if (!sealed) return;
    const mail = this.mailer.open(id, sealed);
    if (!mail) {
      this.logger.error(
        `mail ${id} cannot be decrypted: DATA_ENCRYPTION_KEY is not the one it was written with`,
      );
      // Another process may have the key, or this one after its next start: the mail waits as for a mail server.
      throw new Error('the mail cannot be decrypted');
    }
    try {
      await this.transport.send(renderMail(id, mail));
    } catch (error) {
      this.logger.warn(`mail ${id} was not sent: ${(error as Error).message}`);
      if (!(error instanceof UndeliverableMail)) throw error;
    }
    await this.repository.remove(id);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.transport.close();
  }
}
