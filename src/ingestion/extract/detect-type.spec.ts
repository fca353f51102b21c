import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { zipSync } from 'fflate';
import { detectType } from './detect-type.js';
import { MIME } from './mime.js';

const typeOf = (content: string | Uint8Array, fileName: string): Promise<string> =>
  detectType(Buffer.from(content as string), { fileName, mime: null });

describe('detectType', () => {
  it('takes a text for one though it holds a few control characters', async () => {
    for (const stray of ['\x07', '\b', '\0', '\0def\0']) {
      expect(await typeOf(`The pelican${stray} sits on the quay.`, 'a.txt')).toBe(MIME.text);
      expect(await typeOf(`${stray}# Pelican\n\nŁódź.`, 'a.md')).toBe(MIME.markdown);
    }
    const latin = Buffer.from(
      'Le café du port est fermé.\x07 Le pélican dort sur le quai du phare, et la barque de midi est partie sans lui.',
      'latin1',
    );
    expect(await typeOf(latin, 'a.txt')).toBe(MIME.text);
  });

  it('takes UTF-16 of any script for a text', async () => {
    for (const text of ['Отчёт о продажах за первый квартал\n', 'Report\n', 'Αναφορά του λιμένα\n'])
      expect(await typeOf(Buffer.from(text, 'utf16le'), 'a.txt')).toBe(MIME.text);
  });

  it('takes bytes that are no text for none', async () => {
    const junk = ['\x01\x02\x03', 'a\x01\x02\x03b', '\x7fELF\x02\x01\x01\0\0\0', '\0\0\0\0'];
    for (const bytes of [...junk, randomBytes(200), randomBytes(5000)])
      expect(await typeOf(bytes, 'a.txt')).not.toMatch(/^text/);
  });

  it('takes what holds a PDF for what it is, and a PDF behind something else for a PDF', async () => {
    const pdf = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(2000)]);
    const stored = Buffer.from(zipSync({ 'a.pdf': pdf, 'b.txt': Buffer.from('b') }, { level: 0 }));
    expect(stored.indexOf('%PDF-')).toBeLessThan(1024);
    for (const name of ['a.zip', 'a']) expect(await typeOf(stored, name)).toBe(MIME.zip);
    await expect(typeOf(stored, 'a.pdf')).rejects.toThrow('document_corrupt');

    const tar = Buffer.alloc(512);
    tar.write('a.pdf');
    tar.write('ustar', 257);
    for (const begin of [tar, Buffer.from('1f8b0800', 'hex'), Buffer.from('d0cf11e0a1b11ae1', 'hex')]) {
      const type = await typeOf(Buffer.concat([begin, pdf]), 'a').catch(String);
      expect(type).not.toBe(MIME.pdf);
    }

    const job = Buffer.from('\x1b%-12345X@PJL ENTER LANGUAGE=PDF\r\n');
    for (const begin of ['', '\ufeff', '\n', job, randomBytes(900).fill(0, 0, 4)])
      expect(await typeOf(Buffer.concat([Buffer.from(begin), pdf]), 'a')).toBe(MIME.pdf);
  });
});
