import fs from 'node:fs';
import path from 'node:path';
import { Mailer } from '../../src/mail/mailer.service.js';
import type { Transaction } from '../../src/database/transaction.types.js';
import { newDataDir, startTestApp, type TestApp } from '../support/app.js';
import { startMailServer, type MailServer } from '../support/mails.js';

const until = async (reached: () => boolean | Promise<boolean>): Promise<void> => {
  for (
    const end = Date.now() + 120_000;
    !(await reached());
    await new Promise((done) => setTimeout(done, 50))
  )
    if (Date.now() > end) throw new Error('it did not happen');
};

describe('mails on their way out', () => {
  let app: TestApp;
  let server: MailServer;
  const dataDir = newDataDir();
  const start = (port: number, more: Record<string, string> = {}): Promise<TestApp> =>
    startTestApp({
      ...more,
      DATA_DIR: dataDir,
      MAIL_URL: `smtp://127.0.0.1:${port}?tls=off`,
      MAIL_FROM: 'backend@example.com',
      PUBLIC_URL: 'https://ai.example.com',
    });
  const queue = (work?: (transaction: Transaction) => Promise<void>, usefulFor = 600): Promise<void> =>
    app.source.transaction(async (transaction) => {
      await app.app
        .get(Mailer, { strict: false })
        .queue(
          transaction,
          { to: 'ada@example.com', subject: 'Hello', paragraphs: ['the-words-of-the-mail'] },
          { usefulFor },
        );
      await work?.(transaction);
    });
  const waiting = async (): Promise<number> =>
    (await app.source.query('select count(*)::int as n from outgoing_mails'))[0].n;

  beforeAll(async () => {
    server = await startMailServer({ tls: false });
    app = await start(server.port);
  });
  afterAll(async () => {
    await app?.close();
    await server?.close();
    fs.rmSync(dataDir, { recursive: true, force: true });
  });

  test('go out with their transaction, and leave nothing behind', async () => {
    await queue();
    await until(() => server.mails.length === 1);
    await until(async () => (await waiting()) === 0);
    expect(server.mails[0]?.mail.text).toContain('the-words-of-the-mail');
  });

  test('do not go out when the transaction does not commit', async () => {
    const before = server.mails.length;
    await expect(
      queue(async () => {
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    await queue();
    await until(async () => (await waiting()) === 0);
    expect(server.mails.length).toBe(before + 1);
  });

  test('nobody waits for a slow server; a mail survives its absence and a restart, unreadable meanwhile', async () => {
    const before = server.mails.length;
    server.behave.refuse = 451;
    let letGo = (): void => undefined;
    server.behave.hold = new Promise<void>((resolve) => (letGo = resolve));
    // The server answers only after this has returned: who waited for it would wait for ever.
    await queue();
    letGo();
    await until(() => server.refused > 0);
    const [{ sealed }] = await app.source.query('select sealed from outgoing_mails');
    expect((sealed as Buffer).includes('the-words-of-the-mail')).toBe(false);
    const jobs = await app.source.query(`select data::text from pgboss.job where name = 'mail.send'`);
    expect(JSON.stringify(jobs)).not.toContain('ada@');
    await app.close();
    expect(server.mails.length).toBe(before);
    Object.assign(server.behave, { refuse: undefined, hold: undefined });
    app = await start(server.port);
    await until(() => server.mails.length === before + 1);
    await until(async () => (await waiting()) === 0);
  });

  test('a process that lacks the key leaves a mail to one that has it', async () => {
    const before = server.mails.length;
    const old = fs.readFileSync(path.join(dataDir, 'secrets/data-encryption-key'), 'utf8').trim();
    const rotated = {
      DATA_ENCRYPTION_KEY: 'a-key-that-only-one-process-has-yet-7Q2',
      DATA_ENCRYPTION_KEY_PREVIOUS: old,
    };
    await app.close();
    app = await start(server.port, rotated);
    server.behave.refuse = 451;
    const refused = server.refused;
    await queue();
    await until(() => server.refused > refused);
    await app.close();
    app = await start(server.port);
    Object.assign(server.behave, { refuse: undefined });
    const tried = `select count(*)::int as n from pgboss.job where name = 'mail.send' and state = 'retry'`;
    await until(async () => (await app.source.query(tried))[0].n > 0);
    expect(await waiting()).toBe(1);
    await app.close();
    app = await start(server.port, rotated);
    await until(() => server.mails.length === before + 1);
    await until(async () => (await waiting()) === 0);
    await app.close();
    app = await start(server.port);
  });

  test('a recipient whom the server refuses for good is not tried again', async () => {
    server.behave.refuse = 550;
    await queue();
    await until(async () => (await waiting()) === 0);
    Object.assign(server.behave, { refuse: undefined });
  });

  test('an address gets only so many mails that anybody can ask for, counted without keeping it', async () => {
    const mailer = app.app.get(Mailer, { strict: false });
    const ask = (address: string): Promise<boolean> =>
      app.source.transaction((transaction) => mailer.allows(transaction, address));
    const answers: boolean[] = [];
    for (let n = 0; n < 10; n++) answers.push(await ask('victim@example.com'));
    expect(answers.filter(Boolean).length).toBe(6);
    expect(await ask('other@example.com')).toBe(true);
    await app.source.query(`update mail_allowances set started_at = now() - interval '61 minutes'`);
    expect(await ask('victim@example.com')).toBe(true);
    const rows = await app.source.query('select recipient from mail_allowances');
    for (const { recipient } of rows) expect((recipient as Buffer).includes('victim')).toBe(false);
  });
});
