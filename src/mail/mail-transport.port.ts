import type { RenderedMail } from './mail.types.js';

/** The recipient will never get it: trying again would be in vain. */
export class UndeliverableMail extends Error {
  override readonly name = 'UndeliverableMail';
}

/** Hands mails over to whoever delivers them. */
export abstract class MailTransport {
  /**
   * Resolves when the other side has taken responsibility for the mail.
   * @throws UndeliverableMail when it refused this recipient for good; any other error may pass.
   */
  abstract send(mail: RenderedMail): Promise<void>;
  abstract close(): Promise<void>;
}
