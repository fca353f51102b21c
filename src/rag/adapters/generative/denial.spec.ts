import { leastTime } from '../../../../test/support/clock.js';
import { deniesSources } from './denial.js';

describe('deniesSources', () => {
  test.each([
    'The passages do not say who designed the bridge.',
    "The documents don't mention a toll.",
    'The documents don’t mention a toll.',
    'The provided documents do not contain this information.',
    'The provided context does not explicitly state when it was opened.',
    'The passages cannot answer the question.',
    'The documents contain no information about penguins.',
    'The context says nothing about it.',
    'None of the passages mentions a toll.',
    'This is not mentioned in the documents.',
    'The toll is not stated in any of the passages.',
    'There is no information about tolls in the given passages.',
    'The sources are silent.',
    'The passages do not say this. The year is not mentioned in the documents.',
  ])('%s', (text) => {
    expect(deniesSources(text)).toBe(true);
  });

  test.each([
    '',
    'Lorries do not pay any toll.',
    'The toll is 99 euros, no exceptions.',
    'No.',
    'It was not Kessler who designed it.',
    'The documents do not have to be signed by hand.',
    'The passages do not mention a toll. It is 99 euros.',
    'The passages do not mention a toll, but it is 99 euros.',
    'The passages do not mention a toll: it is 99 euros.',
    'The documents are not needed at the border.',
    'Nothing is free, as the documents say.',
    'The tunnel has no lights in its passages.',
  ])('not %s', (text) => {
    expect(deniesSources(text)).toBe(false);
  });

  test('takes time by length', () => {
    const time = (n: number): number =>
      leastTime(() => {
        for (const word of ['documents ', 'not ', ' ', 'not found in ', 'no information '])
          deniesSources(word.repeat(n / word.length));
      });
    expect(time(1000)).toBeLessThan(10 * time(250) + 20);
    expect(time(100_000)).toBeLessThan(20);
  });
});
