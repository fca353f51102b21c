import { NearDuplicates } from './near-duplicates.js';

const words = (seed: number, count: number): string => {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return `w${(state >>> 8).toString(36).replaceAll(/\d/g, 'x')}`;
  }).join(' ');
};
/** Which of the texts repeat one before them. */
function repeats(texts: readonly string[], within = false): boolean[] {
  const seen = new NearDuplicates();
  return texts.map((text) => seen.repeats(text, { within }));
}

describe('NearDuplicates', () => {
  const text = words(1, 120);

  it('sees through case, punctuation, white space and composed characters', () => {
    expect(
      repeats(['Crème brûlée, warm.', 'creme brulee warm', 'CRÈME\n  BRU\u0302LE\u0301E — warm!']),
    ).toEqual([false, false, true]);
    expect(repeats([text, `"${text.toUpperCase()}!"`])).toEqual([false, true]);
  });

  it('takes a text with another word for the same, and one with a tenth of others not', () => {
    const parts = text.split(' ');
    const changed = (count: number): string =>
      parts.map((part, i) => (i % Math.floor(120 / count) === 5 && i < 120 ? 'changed' : part)).join(' ');
    expect(repeats([text, changed(1)])).toEqual([false, true]);
    expect(repeats([text, changed(12)])).toEqual([false, false]);
    expect(repeats([text, words(2, 120)])).toEqual([false, false]);
  });

  it('keeps texts apart that differ in a number or an identifier', () => {
    const invoice = (number: string): string => `Invoice ${number}. ${text}`;
    expect(repeats([invoice('1017'), invoice('1018'), invoice('1017')])).toEqual([false, false, true]);
    expect(repeats([invoice('AMD-2022Q2'), invoice('AMD-2022Q3')])).toEqual([false, false]);
    expect(repeats([invoice('٣'), invoice('٤')])).toEqual([false, false]);
  });

  it('takes a part of a text for a repetition only where asked to', () => {
    const part = text.slice(0, 600);
    expect(repeats([text, part])).toEqual([false, false]);
    expect(repeats([text, part], true)).toEqual([false, true]);
    // What comes later and says more is no repetition.
    expect(repeats([part, text], true)).toEqual([false, false]);
  });

  it('does not judge short texts by their letters', () => {
    expect(
      repeats(['The tides come in.', 'The tides come in!', 'The tides come in now.', '', '', '🙂']),
    ).toEqual([false, true, false, false, true, true]);
  });

  it('works without spaces between words', () => {
    const chinese = Array.from({ length: 400 }, (_, i) =>
      String.fromCodePoint(0x4e00 + ((i * 7919) % 5000)),
    ).join('');
    const other = Array.from({ length: 400 }, (_, i) =>
      String.fromCodePoint(0x4e00 + ((i * 104729) % 5000)),
    ).join('');
    expect(repeats([chinese, `${chinese}。`, other])).toEqual([false, true, false]);
  });
});
