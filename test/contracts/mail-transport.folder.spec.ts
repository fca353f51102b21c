import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { FolderTransport } from '../../src/mail/adapters/folder.js';
import { renderMail } from '../../src/mail/render-mail.js';
import { readMail, type ReadMail } from '../support/mails.js';
import { itIsAMailTransport, sender } from './mail-transport.contract.js';

describe('FolderTransport', () => {
  const dir = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'outbox-')), 'outbox');
  const transport = new FolderTransport(dir, sender);
  const files = (): string[] => (fs.existsSync(dir) ? fs.readdirSync(dir).sort() : []);
  const received = (): ReadMail[] =>
    files().map((name) => readMail(fs.readFileSync(path.join(dir, name), 'utf8')));
  afterAll(() => fs.rmSync(path.dirname(dir), { recursive: true, force: true }));

  itIsAMailTransport(() => transport, received);

  it('keeps mails from other users of the machine, and whole', () => {
    expect(fs.statSync(dir).mode & 0o777).toBe(0o700);
    for (const name of files()) {
      expect(name).toMatch(/\.eml$/);
      expect(fs.statSync(path.join(dir, name)).mode & 0o777).toBe(0o600);
    }
  });

  it('sorts by the time of writing mails that were handed over in another order', async () => {
    const mails = [2, 0, 1].map((n) => ({ subject: `Mail ${n}`, writtenAt: Date.now() + 60_000 + n }));
    for (const mail of mails)
      await transport.send(renderMail(mail.subject, { ...mail, to: 'ada@example.com', paragraphs: ['x'] }));
    expect(
      received()
        .slice(-3)
        .map(({ subject }) => subject),
    ).toEqual(['Mail 0', 'Mail 1', 'Mail 2']);
    for (const name of files().slice(-3)) fs.rmSync(path.join(dir, name));
  });

  it('keeps the newest thousand, and no file that it did not write goes', async () => {
    fs.writeFileSync(path.join(dir, '00-notes.eml'), 'mine');
    for (let n = 0; n < 1100; n++)
      fs.writeFileSync(
        path.join(
          dir,
          `20200101T000000${String(n % 1000).padStart(3, '0')}Z-${String(n).padStart(8, '0')}.eml`,
        ),
        '',
      );
    await transport.send(renderMail('1', { to: 'ada@example.com', subject: 'Newest', paragraphs: ['x'] }));
    expect(files().length).toBe(1001);
    expect(files()[0]).toBe('00-notes.eml');
    expect(received().at(-1)?.subject).toBe('Newest');
  });
});
