import { growth, LINEAR } from '../../../test/support/clock.js';
import { splitSentences } from './sentences.js';

const split = (text: string): string[] =>
  splitSentences(text).map(({ start, end }) => text.slice(start, end));

describe('splitSentences', () => {
  test('sentences of a paragraph, trimmed, at their offsets', () => {
    const text = '  The bridge was opened in 1931. Its main span measures 504.5 metres! Who built it?';
    expect(split(text)).toEqual([
      'The bridge was opened in 1931.',
      'Its main span measures 504.5 metres!',
      'Who built it?',
    ]);
    expect(splitSentences(text)[0]).toEqual({ start: 2, end: 32 });
  });

  test('wrapped lines belong together, paragraphs, list items and lines do not', () => {
    expect(
      split(
        'After a good day\nof swimming, it is\nimportant to eat.\n\nWear:\n- a hat\n- sunglasses\nUse sun cream',
      ),
    ).toEqual([
      'After a good day\nof swimming, it is\nimportant to eat.',
      'Wear:',
      'a hat',
      'sunglasses',
      'Use sun cream',
    ]);
  });

  test('abbreviations and initials end no sentence', () => {
    expect(split('Dr. Ada Kessler and J. S. Bach met at No. 6 in St. Gallen. They spoke.')).toEqual([
      'Dr. Ada Kessler and J. S. Bach met at No. 6 in St. Gallen.',
      'They spoke.',
    ]);
    expect(split('See Fig.')).toEqual(['See Fig.']);
  });

  test.each([
    'Invoice no. 2025-0387',
    'Customer No. C-2219',
    'Art. 15 Fines',
    'Siehe Nr. 12 und Abs. 3 des Vertrags.',
    'Tel. +49 7531 123',
    'Ref. AB-12',
    'Klinikstr. 4, 78462 Konstanz',
    'Attn. Monika Weiss',
    'It is told by the third paragraph of the contract in art.\n15 and elsewhere.',
  ])('what a number stands behind ends no sentence: %s', (text) => {
    expect(split(text)).toEqual([text]);
  });

  test('what may stand before a number ends a sentence elsewhere', () => {
    expect(split('I asked, and they said no. Nobody came.')).toEqual([
      'I asked, and they said no.',
      'Nobody came.',
    ]);
    expect(split('They teach art. Ten came.')).toHaveLength(2);
  });

  test('bullets and cell borders are not part of what is said', () => {
    expect(split('• first\n* second\n| Leaves | 50 |\n-5 degrees\n> quoted')).toEqual([
      'first',
      'second',
      'Leaves | 50',
      '-5 degrees',
      'quoted',
    ]);
  });

  test('hashes and arrows are not part of what is said either', () => {
    expect(split('## Upgrades\n\n>> quoted')).toEqual(['Upgrades', 'quoted']);
  });

  test('the number of an item or a title is no sentence', () => {
    expect(split('3. RESETTING TO FACTORY SETTINGS\nRemove it. 2. Put it back.\n\n4.\n\n2.1. Terms')).toEqual(
      ['3. RESETTING TO FACTORY SETTINGS', 'Remove it.', '2. Put it back.', '2.1. Terms'],
    );
    expect(split('It flew at mach 5. 8.')).toEqual(['It flew at mach 5. 8.']);
    expect(split('It won 3. They lost 12')).toEqual(['It won 3.', 'They lost 12']);
  });

  test('lines without words are no sentences', () => {
    expect(split('---\n\n***\n\nText')).toEqual(['Text']);
    expect(split('')).toEqual([]);
  });

  test('other scripts have sentences, too', () => {
    expect(split('该桥于1931年通车。主跨504米。')).toEqual(['该桥于1931年通车。', '主跨504米。']);
    expect(split('पुल 1931 में खुला। वह लंबा है।')).toHaveLength(2);
  });

  test('nothing is longer than a quote should be, and no character is cut', () => {
    const pieces = split(`${'word '.repeat(300)}\n\n${'𠀋'.repeat(700)}`);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(500);
    expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
    expect(pieces.join('')).toContain('𠀋𠀋𠀋');
  });

  test('an abbreviation is one whatever white space stands behind it, and only as a whole word', () => {
    expect(split('See Fig.\r\r\rSeven of them.')).toEqual(['See Fig.\r\r\rSeven of them.']);
    expect(split('An antidisestablishmentarianisticvol. Seven of them.')).toHaveLength(2);
  });

  test('no more than are asked for', () => {
    const text = `One. Two.\n\nThree. ${'word '.repeat(300)}`;
    for (const most of [0, 1, 2, 3, 4, 100])
      expect(splitSentences(text, most)).toEqual(splitSentences(text).slice(0, most));
  });

  test.each([
    ['', 'A. ', ''],
    ['', 'e.g. ', ''],
    ['', ' ', 'x'],
    ['A.', '\r', 'x'],
    ['', ' \n', 'x'],
    ['', 'a.', ''],
    ['', '- ', ''],
    ['', '1. ', ''],
    ['', '1. A', ''],
    ['a. ', '(', ''],
    ['a. ', 'x', ''],
  ])('takes a time that grows with the text only: %j, many %j, %j', async (before, piece, after) => {
    const text = (n: number): string => `${before}${piece.repeat(Math.ceil(n / piece.length))}${after}`;
    expect(await growth((n) => splitSentences(text(n)), 5_000)).toBeLessThan(LINEAR);
  });
});
