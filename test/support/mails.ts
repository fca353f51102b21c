import fs from 'node:fs';
import path from 'node:path';
import { SMTPServer } from 'smtp-server';
import { ASKED_FOR } from '../../src/mail/mailer.service.js';
import type { TestApp } from './app.js';

export interface ReadMail {
  /** Names in lower case. */
  headers: Record<string, string>;
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** The one-time token in a mail's link. */
export function tokenIn(mail: ReadMail): string {
  const token = /#token=([\w-]+)$/m.exec(mail.text)?.[1];
  if (!token) throw new Error(`there is no token in "${mail.subject}"`);
  return token;
}

/** Reads what arrived; knows as much of MIME as these mails use. */
export function readMail(raw: string): ReadMail {
  const whole = part(raw.replaceAll('\r\n', '\n'));
  const boundary = /boundary="([^"]+)"/.exec(whole.headers['content-type'] ?? '')?.[1] ?? '';
  const parts = whole.body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((text) => part(text.slice(1)));
  const bodyOf = (type: string): string => {
    const found = parts.find(({ headers }) => headers['content-type']?.startsWith(type));
    return found ? decode(found.body, found.headers['content-transfer-encoding']) : '';
  };
  return {
    headers: whole.headers,
    to: whole.headers['to'] ?? '',
    subject: whole.headers['subject'] ?? '',
    text: bodyOf('text/plain'),
    html: bodyOf('text/html'),
  };
}

function part(raw: string): { headers: Record<string, string>; body: string } {
  const end = raw.indexOf('\n\n');
  const lines = raw
    .slice(0, end)
    .replaceAll(/\n[ \t]+/g, ' ')
    .split('\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
  return { headers, body: raw.slice(end + 2) };
}

function decode(body: string, encoding = '7bit'): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  if (encoding !== 'quoted-printable') return body;
  const bytes = body
    .replaceAll('=\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** All mails of an application without a mail server, oldest first. */
export function outbox(app: TestApp): ReadMail[] {
  const dir = path.join(app.settings.dataDir, 'outbox');
  if (!fs.existsSync(dir)) return [];
  const files = fs.readdirSync(dir).filter((name) => name.endsWith('.eml'));
  return files.sort().map((name) => readMail(fs.readFileSync(path.join(dir, name), 'utf8')));
}

/** Waits for mails to an address; those that are there already count. */
export async function mailsTo(
  app: TestApp,
  address: string,
  subject: RegExp,
  count = 1,
): Promise<ReadMail[]> {
  for (const until = performance.now() + 120_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const found = outbox(app).filter((mail) => mail.to === address && subject.test(mail.subject));
    if (found.length >= count) return found;
    if (performance.now() > until)
      throw new Error(
        `no mail ${String(subject)} to ${address}; there are: ${outbox(app)
          .map((mail) => `${mail.to}: ${mail.subject}`)
          .join('; ')}`,
      );
  }
}

/** The newest of `count` mails. */
export async function lastMail(app: TestApp, address: string, subject: RegExp, count = 1): Promise<ReadMail> {
  const found = (await mailsTo(app, address, subject, count)).at(-1);
  if (!found) throw new Error('no mail');
  return found;
}

export const NEW_PASSWORD = /Choose a new password/;

/** Strangers ask for a new password until no more mails are sent for it; how many were. */
export async function flooded(app: TestApp, address: string): Promise<number> {
  for (let asked = 0; asked <= ASKED_FOR.mails; asked++)
    await app.http().post('/auth/password/forgot').send({ email: address });
  return (await mailsTo(app, address, NEW_PASSWORD, ASKED_FOR.mails)).length;
}

export interface MailServer {
  port: number;
  mails: { from: string; to: string[]; mail: ReadMail; secure: boolean; user: string | undefined }[];
  /** What the server does with the next recipients. */
  behave: {
    refuse?: number;
    /** Keeps it waiting until this resolves. */
    hold?: Promise<unknown>;
  };
  /** Recipients that were refused so far. */
  refused: number;
  close(): Promise<void>;
}

/** A real SMTP server that keeps what it gets. */
export async function startMailServer(options: { auth?: boolean; tls?: boolean } = {}): Promise<MailServer> {
  const mails: MailServer['mails'] = [];
  const behave: MailServer['behave'] = {};
  const server = new SMTPServer({
    disabledCommands: [...(options.auth ? [] : ['AUTH']), ...(options.tls === false ? ['STARTTLS'] : [])],
    authOptional: !options.auth,
    onAuth: ({ username, password }, _session, done) =>
      password === 'p/w' ? done(null, { user: username }) : done(new Error('no')),
    onRcptTo: (_address, _session, done) => {
      const code = behave.refuse;
      void Promise.resolve(behave.hold).then(() => {
        if (code === undefined) return done();
        result.refused++;
        done(Object.assign(new Error('refused <secret@example.com>'), { responseCode: code }));
      });
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          mail: readMail(Buffer.concat(chunks).toString('utf8')),
          secure: session.secure,
          user: session.user as string | undefined,
        });
        done();
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as { port: number };
  const result: MailServer = {
    port,
    mails,
    behave,
    refused: 0,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return result;
}
