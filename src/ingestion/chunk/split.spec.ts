import { describe, expect, it } from '@jest/globals';
import { CHARS_PER_TOKEN, splitSpan } from './split.js';

const LIMIT = 100;
const partsOf = (text: string): string[] =>
  splitSpan(text, { start: 0, end: text.length }, LIMIT, (start, end) => (end - start) / 4).map((part) =>
    text.slice(part.start, part.end),
  );

describe('splitSpan', () => {
  it.each([
    ['Mr. Ivan met Dr. Smith of the U.S. Department no. 12 there.'],
    ['Der Vertrag endet am 22. Dezember 2023 im 2. Stock, z. B. Nachts, bei Hr. Maier.'],
    ['Начальником назначен проф. Иванов по адресу ул. Ленина, д. 5.'],
    ['보고서는 2024. 3. 31. 까지 제출합니다.'],
    ['2. Put it back.'],
  ])('keeps whole: %s', (sentence) => {
    expect(partsOf(`${sentence} `.repeat(40))).toEqual(Array.from({ length: 40 }, () => sentence));
  });

  it('goes on over the end of a full line, and keeps what it trims outside', () => {
    expect(partsOf('Es endet am 22.\nDezember 2023.  Danach nicht. ')).toEqual([
      'Es endet am 22.\nDezember 2023.',
      'Danach nicht.',
    ]);
  });

  it.each(['A. ', 'am 3. Mai ', '（あ。', 'z. B. ', 'Dr. '])(
    'cuts a sentence of nothing but %j to what a passage can hold',
    (piece) => {
      const text = piece.repeat(20_000);
      const parts = partsOf(text);
      for (const part of parts) expect(part.length).toBeLessThanOrEqual(LIMIT * CHARS_PER_TOKEN);
      expect(parts.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
    },
  );
});
