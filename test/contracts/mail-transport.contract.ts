import { randomUUID } from 'node:crypto';
import type { MailTransport } from '../../src/mail/mail-transport.port.js';
import { renderMail } from '../../src/mail/render-mail.js';
import type { ReadMail } from '../support/mails.js';

export const sender = { name: 'Our Backend', address: 'backend@example.com' };

export function itIsAMailTransport(transport: () => MailTransport, received: () => ReadMail[]): void {
  const link = {
    label: 'Choose a password',
    url: `https://a-rather-long-name.of-a-company.example.com/some/where/reset-password#token=${'t'.repeat(27)}`,
    code: 't'.repeat(27),
  };

  it('delivers both forms with their links unbroken, and marks them as automatic', async () => {
    const paragraphs = ['Somebody – perhaps you – asked for it.', 'x'.repeat(200)];
    await transport().send(
      renderMail(randomUUID(), { to: 'ada@example.com', subject: 'Grüße & more', paragraphs, link }),
    );
    const mail = received().at(-1);
    expect(mail?.to).toBe('ada@example.com');
    expect(mail?.headers['from']).toBe('Our Backend <backend@example.com>');
    expect(mail?.headers['auto-submitted']).toBe('auto-generated');
    expect(mail?.text).toContain(`\n${link.url}\n`);
    expect(mail?.html).toContain(`href="${link.url}"`);
    for (const paragraph of paragraphs) expect(mail?.text).toContain(paragraph);
  });

  it('gives the attempts of one mail one Message-ID, and other mails others', async () => {
    const mail = renderMail(randomUUID(), { to: 'ada@example.com', subject: 'Again', paragraphs: ['x'] });
    await transport().send(mail);
    await transport().send(mail);
    await transport().send({ ...mail, id: randomUUID(), date: new Date(mail.date.getTime() + 1) });
    const ids = received()
      .slice(-3)
      .map(({ headers }) => headers['message-id']);
    expect(ids[0]).toMatch(/^<\w+@example\.com>$/);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it('says when a mail was written, not when it was handed over', async () => {
    const writtenAt = Date.now() - 5000;
    const mail = { to: 'ada@example.com', subject: 'Waited', paragraphs: ['x'], writtenAt };
    await transport().send(renderMail(randomUUID(), mail));
    const date = received().find(({ subject }) => subject === 'Waited')?.headers['date'] ?? '';
    expect(Date.parse(date)).toBe(Math.floor(writtenAt / 1000) * 1000);
  });

  it.each(['"a, b@evil.example"@example.com', 'x <y@evil.example>', 'a@example.com\r\nBcc: b@evil.example'])(
    'sends to one recipient or to none, whatever the address holds: %j',
    async (to) => {
      const before = received().length;
      await transport()
        .send(renderMail(randomUUID(), { to, subject: 'x', paragraphs: ['x'] }))
        .catch(() => undefined);
      for (const mail of received().slice(before)) {
        expect(mail.headers['bcc']).toBeUndefined();
        expect(mail.headers['cc']).toBeUndefined();
      }
    },
  );
}
