import { describe, expect, test } from '@jest/globals';
import { isBareNumber, listsOf, wholeList } from './lists.js';

const shown = (text: string): string[][] =>
  listsOf(text).map(({ items }) => items.map(({ start, end }) => text.slice(start, end)));

describe('lists of a passage', () => {
  test('have whole items, with wrapped lines and what stands indented below them', () => {
    expect(
      shown(
        'Do:\n\n1. Unplug it.\n2. Hold both keys for as long as it takes, and\nMENU.\n   - both keys\n\n   Not long.\n\n3. Wait.\n\nDone.',
      ),
    ).toEqual([
      [
        '1. Unplug it.',
        '2. Hold both keys for as long as it takes, and\nMENU.\n   - both keys\n\n   Not long.',
        '3. Wait.',
      ],
    ]);
  });

  test('end where another begins', () => {
    expect(shown('- a b\n- c d\n1. one\n2. two\n1) new\n2) newer\nStep 1: x\nStep 2: y')).toEqual([
      ['a b', 'c d'],
      ['1. one', '2. two'],
      ['1) new', '2) newer'],
      ['Step 1: x', 'Step 2: y'],
    ]);
  });

  test('are no single lines, nor is a hyphen or a number at the begin of a line an item', () => {
    expect(
      shown('1. Introduction\n\nText.\n\n- one\n\nmore\n-5 degrees\n-6 degrees\n2024 was\n2025 is'),
    ).toEqual([]);
  });

  test('are no sections with numbers', () => {
    expect(
      shown(
        '1. BATTERIES\nIt needs two of them.\n\n2. PAIRING\nStep 1: Press it.\nStep 2: Wait.\n\n3. RESETTING\nUnplug it.',
      ),
    ).toEqual([['Step 1: Press it.', 'Step 2: Wait.']]);
  });

  test('are quoted up to a bound', () => {
    const many = Array.from({ length: 40 }, (_, i) => `${i + 1}. Step`).join('\n');
    const { start, end } = wholeList(listsOf(many)[0]!);
    expect(many.slice(start, end)).toMatch(/^1\. Step\n[^]*\n12\. Step$/);
    const long = `1. ${'a '.repeat(600)}\n2. ${'b '.repeat(600)}`;
    const span = wholeList(listsOf(long)[0]!);
    expect(long.slice(span.start, span.end)).not.toContain('b');
  });
});

test('a number alone', () => {
  expect(['2.', '(3)', 'a)', '12.'].every(isBareNumber)).toBe(true);
  expect(['2. Wait', '2', '2.5', '1984.'].some(isBareNumber)).toBe(false);
});
