import { leastTime } from '../../../test/support/clock.js';
import { closingMark, withoutBlanks } from './closing-mark.js';

describe('closingMark', () => {
  test.each([
    ['It was opened [1]', { n: 1, start: 13 }],
    ['[12]', { n: 12, start: 0 }],
    ['a \t [999]', { n: 999, start: 1 }],
    ['a\n[3]', { n: 3, start: 2 }],
    ['a [1] b [2]', { n: 2, start: 7 }],
    ['a [1] ', null],
    ['a [1].', null],
    ['a [2019]', null],
    ['a [x]', null],
    [']', null],
    ['', null],
  ])('of %j', (text, expected) => {
    expect(closingMark(text)).toEqual(expected);
  });

  test.each([
    ['a', 'a'],
    ['a \t', 'a'],
    [' a  b ', ' a  b'],
    ['a\n ', 'a\n'],
    [' ', ''],
    ['', ''],
  ])('blanks at the end of %j', (text, expected) => {
    expect(withoutBlanks(text)).toBe(expected);
  });

  test.each([
    ['blanks', (n: number) => ' '.repeat(n)],
    ['blanks inside', (n: number) => `a${'\t'.repeat(n)}b]`],
    ['blanks before a mark', (n: number) => `${' '.repeat(n)}[1]`],
  ])('takes time by length: %s', (_name, text) => {
    const time = (n: number): number =>
      leastTime(() => {
        closingMark(text(n));
        withoutBlanks(text(n));
      });
    expect(time(80_000)).toBeLessThan(10 * time(20_000) + 20);
  });
});
