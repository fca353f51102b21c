import { Module } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { FolderTransport } from './adapters/folder.js';
import { SmtpTransport } from './adapters/smtp.js';
import { MailDelivery } from './mail-delivery.service.js';
import { MailTransport } from './mail-transport.port.js';
import { MailRepository } from './mail.repository.js';
import { Mailer } from './mailer.service.js';

const transport = ({ mail, mailFrom }: Settings): MailTransport =>
  mail.kind === 'smtp' ? new SmtpTransport(mail, mailFrom) : new FolderTransport(mail.dir, mailFrom);

/** Outgoing mail: over SMTP, or into a folder. */
@Module({
  providers: [
    Mailer,
    MailDelivery,
    MailRepository,
    { provide: MailTransport, useFactory: transport, inject: [Settings] },
  ],
  exports: [Mailer],
})
export class MailModule {}
