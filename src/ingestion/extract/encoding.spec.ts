import { describe, expect, it } from '@jest/globals';
import { decodeText } from './encoding.js';

const RUSSIAN =
  'Съешь же ещё этих мягких французских булок, да выпей чаю. Отчёт о продажах за первый квартал года.';
const JAPANESE = '第三四半期の売上高は前年同期比で増加しました。詳細については添付の報告書をご覧ください。';
const CHINESE_SIMPLE = '第三季度的销售额比去年同期有所增长，详细情况请参阅所附的报告。';
const CHINESE_FULL = '第三季的銷售額比去年同期有所增長，詳細情況請參閱所附的報告。';
const FRENCH = 'L’été dernier, les élèves étaient très fatigués : « où est le café ? » – déjà fermé, hélas.';
const ARABIC = 'تقرير المبيعات للربع الثالث من السنة المالية الحالية مع التفاصيل الكاملة';

/** Bytes of a text in an encoding that Node can only decode: found by decoding every one- and two-byte sequence. */
function encode(text: string, encoding: string): Uint8Array {
  const decoder = new TextDecoder(encoding);
  const table = new Map<string, number[]>();
  for (let lead = 255; lead >= 0; lead--) {
    for (let trail = 255; trail >= 0x40; trail--) {
      const pair = decoder.decode(Uint8Array.of(lead, trail));
      if ([...pair].length === 1 && pair !== '\ufffd') table.set(pair, [lead, trail]);
    }
  }
  for (let byte = 255; byte >= 0; byte--) {
    const char = decoder.decode(Uint8Array.of(byte));
    if (char !== '\ufffd' && char !== '') table.set(char, [byte]);
  }
  const bytes = [...text].flatMap((char) => table.get(char) ?? [0x3f]);
  expect(decoder.decode(Uint8Array.from(bytes))).toBe(text);
  return Uint8Array.from(bytes);
}

const utf16 = (text: string, bigEndian: boolean): Uint8Array => {
  const bytes = Buffer.from(text, 'utf16le');
  return bigEndian ? bytes.swap16() : bytes;
};

describe('decodeText', () => {
  const legacy: [string, string][] = [
    ['windows-1251', RUSSIAN],
    ['koi8-r', RUSSIAN],
    ['shift_jis', JAPANESE],
    ['euc-jp', JAPANESE],
    ['gb18030', CHINESE_SIMPLE],
    ['big5', CHINESE_FULL],
    ['windows-1252', FRENCH],
    ['windows-1256', ARABIC],
  ];
  for (const [encoding, text] of legacy) {
    it(`recognises ${encoding} in plain text`, () => {
      expect(decodeText(encode(text.repeat(3), encoding))).toBe(text.repeat(3));
    });

    it(`believes a page that says ${encoding}`, () => {
      const page = `<html><meta charset="${encoding}"><p>${text.slice(0, 12)}`;
      expect(decodeText(encode(page, encoding), { html: true })).toBe(page);
    });
  }

  it('reads UTF-8 and UTF-16, with a mark and without', () => {
    const text = `Zeile eins: ${FRENCH}\nZeile zwei\n`;
    expect(decodeText(Buffer.from(text))).toBe(text);
    expect(decodeText(Buffer.from(`\ufeff${text}`))).toBe(text);
    for (const bigEndian of [false, true]) {
      expect(decodeText(utf16(`\ufeff${text}`, bigEndian))).toBe(text);
      expect(decodeText(utf16(text, bigEndian))).toBe(text);
      expect(decodeText(utf16(`${RUSSIAN}\n`, bigEndian))).toBe(`${RUSSIAN}\n`);
    }
  });

  it('reads UTF-16 of few zero bytes, and of scripts whose high bytes are control characters', () => {
    const texts = [`${JAPANESE}\n`.repeat(3), `${CHINESE_FULL}\n`.repeat(3), `${ARABIC} é\n`, 'Öl\n', 'ab'];
    for (const text of [
      ...texts,
      'पेलिकन बंदरगाह के पास रहता है और मछली खाता है\n',
      `“${CHINESE_FULL}”\n`.repeat(3),
    ])
      for (const bigEndian of [false, true]) expect(decodeText(utf16(text, bigEndian))).toBe(text);
  });

  it('takes a text of single bytes with a few zeros on one side for what it is', () => {
    const texts = [
      'Report of the harbour master.\0 The pelican sits on the quay.'.repeat(3),
      'abc zebrafish\0def\0 pelican',
      'abc\0def\0ghi',
      `${RUSSIAN}\0${RUSSIAN}\0`,
      `${'The pelican of the harbour sits there. '.repeat(2)}\0`.repeat(20),
    ];
    for (const text of texts) expect(decodeText(Buffer.from(text))).toBe(text);
    const latin = 'Le café est fermé.\0'.repeat(10);
    expect(decodeText(Buffer.from(latin, 'latin1'))).toBe(latin);
  });

  it('keeps a UTF-8 file readable that has a few damaged bytes', () => {
    const bytes = Buffer.from(RUSSIAN.repeat(5));
    bytes[100] = 0xff;
    const text = decodeText(bytes);
    expect(text).toContain('французских булок');
    expect(text).toContain('\ufffd');
  });

  it('reads seven-bit Japanese', () => {
    const bytes = Buffer.concat([
      Buffer.from('\x1b$B'),
      Buffer.from([0x46, 0x7c, 0x4b, 0x5c]),
      Buffer.from('\x1b(B ok'),
    ]);
    expect(decodeText(bytes)).toBe('日本 ok');
  });
});
