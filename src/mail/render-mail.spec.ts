import { renderMail } from './render-mail.js';

const link = { label: 'Confirm', url: 'https://ai.example.com/verify-email#token=abc', code: 'abc' };

describe('renderMail', () => {
  it('says the same in both forms', () => {
    const mail = renderMail('1', {
      to: 'a@example.com',
      subject: 'Hi',
      paragraphs: ['First.', 'Last.'],
      link,
    });
    expect(mail.text).toBe(
      'First.\n\nConfirm:\nhttps://ai.example.com/verify-email#token=abc\n\n' +
        'If the link does not open, enter this code:\nabc\n\nLast.\n',
    );
    expect(mail.html).toContain('<a href="https://ai.example.com/verify-email#token=abc">Confirm</a>');
  });

  it('lets nobody add lines, headers or markup', () => {
    const evil = 'x\r\nBcc: all@example.com\u2028\u202e<script>alert(1)</script>';
    const mail = renderMail('1', { to: 'a@example.com', subject: evil, paragraphs: [evil] });
    expect(mail.subject).toBe('x Bcc: all@example.com <script>alert(1)</script>');
    expect(mail.text).toBe(`${mail.subject}\n`);
    expect(mail.html).not.toContain('<script>');
  });
});
