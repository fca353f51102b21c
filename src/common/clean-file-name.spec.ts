import { describe, expect, it } from '@jest/globals';
import { cleanFileName, uploadedName } from './clean-file-name.js';

describe('cleanFileName', () => {
  it('keeps the last part of a path without controls', () => {
    expect(cleanFileName('../../etc/\r\nx\u0001.txt')).toBe('x.txt');
    expect(cleanFileName('C:\\Users\\me\\Fa\u0308hre.html')).toBe('Fähre.html');
    for (const nothing of [null, '', 'a/', '\r\n', '\ud800.txt']) expect(cleanFileName(nothing)).toBeNull();
  });

  it('cuts a long name between characters and leaves its extension', () => {
    for (const stem of ['😀'.repeat(130), `a${'😀'.repeat(130)}`, 'n'.repeat(300)])
      for (const extension of ['.txt', '.md', '.markdown']) {
        const name = cleanFileName(stem + extension)!;
        expect(name.length).toBeGreaterThanOrEqual(254);
        expect(name.length).toBeLessThanOrEqual(255);
        expect(name.endsWith(extension)).toBe(true);
        expect((stem + extension).startsWith(name.slice(0, -extension.length))).toBe(true);
      }
    expect(cleanFileName(`a.${'x'.repeat(300)}`)).toBe(`a.${'x'.repeat(253)}`);
    expect(cleanFileName(`${'n'.repeat(251)}.txt`)).toBe(`${'n'.repeat(251)}.txt`);
  });
});

describe('uploadedName', () => {
  it('reads names as the UTF-8 that browsers send, or as what they are', () => {
    expect(uploadedName(Buffer.from('Fähre 😀.txt').toString('latin1'))).toBe('Fähre 😀.txt');
    expect(uploadedName('F\xe4hre.txt')).toBe('Fähre.txt');
    expect(uploadedName(undefined)).toBeNull();
  });
});
