import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
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
});
