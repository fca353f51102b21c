import { createTransport } from 'nodemailer';
import type { MailAddress, SmtpServer } from '../../config/mail-settings.js';
import { MailTransport, UndeliverableMail } from '../mail-transport.port.js';
import type { RenderedMail } from '../mail.types.js';
import { compose } from './compose.js';

const CONNECT_MS = 10_000;
const SILENCE_MS = 30_000;

interface SmtpFailure {
  code?: string;
  command?: string;
  responseCode?: number;
}

/** A mail server, over a few connections that stay open for the next mail. */
export class SmtpTransport extends MailTransport {
  private readonly transport;

  constructor(
    server: SmtpServer,
    private readonly from: MailAddress,
  ) {
    super();
    const { user, password } = server;
    this.transport = createTransport({
      pool: true,
      maxConnections: 2,
      host: server.host,
      port: server.port,
      secure: server.secure,
      requireTLS: server.requireTls,
      tls: { minVersion: 'TLSv1.2' },
      ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
      logger: false,
    });
  }

  async send(mail: RenderedMail): Promise<void> {
    try {
      await this.transport.sendMail(compose(mail, this.from));
    } catch (error) {
      throw describe(error as SmtpFailure);
    }
  }

  async close(): Promise<void> {
    this.transport.close();
  }
}

/** Servers repeat addresses and more in what they answer: only the codes are kept. */
function describe({ code, command, responseCode }: SmtpFailure): Error {
  const what = `mail server: ${code ?? 'error'} ${responseCode ?? ''} at ${command ?? 'CONN'}`;
  const permanent =
    responseCode !== undefined && responseCode >= 500 && /^(RCPT TO|DATA)$/.test(command ?? '');
  return permanent ? new UndeliverableMail(what) : new Error(what);
}
