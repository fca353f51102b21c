import net from 'node:net';
import { SmtpTransport } from '../../src/mail/adapters/smtp.js';
import { UndeliverableMail } from '../../src/mail/mail-transport.port.js';
import { renderMail } from '../../src/mail/render-mail.js';
import { startMailServer, type MailServer } from '../support/mails.js';
import { itIsAMailTransport, sender } from './mail-transport.contract.js';

const mail = renderMail('1', { to: 'ada@example.com', subject: 'x', paragraphs: ['x'] });
const open = { user: undefined, password: undefined, secure: false, requireTls: false } as const;

describe('SmtpTransport', () => {
  let server: MailServer;
  let transport: SmtpTransport;
  beforeAll(async () => {
    server = await startMailServer({ tls: false });
    transport = new SmtpTransport({ kind: 'smtp', host: '127.0.0.1', port: server.port, ...open }, sender);
  });
  afterAll(async () => {
    await transport?.close();
    await server?.close();
  });
  beforeEach(() => {
    server.behave = Object.assign(server.behave, { refuse: undefined });
  });

  itIsAMailTransport(
    () => transport,
    () => server.mails.map((received) => received.mail),
  );

  it('hands the envelope over as it is', async () => {
    await transport.send(mail);
    expect(server.mails.at(-1)).toMatchObject({ from: sender.address, to: ['ada@example.com'] });
  });

  it('tells a refusal for good from one that may pass, and repeats nothing of what the server said', async () => {
    server.behave.refuse = 550;
    const permanent = await transport.send(mail).catch((error: unknown) => error);
    expect(permanent).toBeInstanceOf(UndeliverableMail);
    server.behave.refuse = 450;
    const passing = await transport.send(mail).catch((error: unknown) => error);
    expect(passing).toBeInstanceOf(Error);
    expect(passing).not.toBeInstanceOf(UndeliverableMail);
    for (const error of [permanent, passing]) expect(String(error)).not.toContain('@');
  });

  it('sends nothing over a connection that stays plain where TLS is demanded', async () => {
    const strict = new SmtpTransport(
      { kind: 'smtp', host: '127.0.0.1', port: server.port, ...open, requireTls: true },
      sender,
    );
    const before = server.mails.length;
    await expect(strict.send(mail)).rejects.toThrow('mail server');
    expect(server.mails.length).toBe(before);
    await strict.close();
  });

  it('signs in', async () => {
    const guarded = await startMailServer({ auth: true, tls: false });
    const to = (password: string): SmtpTransport =>
      new SmtpTransport(
        { kind: 'smtp', host: '127.0.0.1', port: guarded.port, ...open, user: 'u@x', password },
        sender,
      );
    const [right, wrong] = [to('p/w'), to('guess')];
    await right.send(mail);
    expect(guarded.mails[0]?.user).toBe('u@x');
    const refused = await wrong.send(mail).catch((error: unknown) => error);
    // A wrong configuration can be mended: the mail waits.
    expect(refused).not.toBeInstanceOf(UndeliverableMail);
    expect(String(refused)).not.toContain('guess');
    await Promise.all([right.close(), wrong.close()]);
    await guarded.close();
  });

  it('does not wait for ever for a server that says nothing', async () => {
    const silent = net.createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as net.AddressInfo;
    const waiting = new SmtpTransport({ kind: 'smtp', host: '127.0.0.1', port, ...open }, sender);
    await expect(waiting.send(mail)).rejects.toThrow('mail server');
    await waiting.close();
    silent.close();
  });
});
