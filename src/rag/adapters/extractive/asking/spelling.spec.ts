import { meantBy } from './spelling.js';

const means = (terms: string[], known: string[]): Record<string, readonly string[]> =>
  Object.fromEntries(meantBy(terms, new Set(known)));

describe('what words that stand nowhere mean', () => {
  test.each([
    ['a wrong letter', 'invoise', 'invoice'],
    ['a missing letter', 'deposit', 'depositt'],
    ['one too many', 'commitee', 'comitee'],
    ['two in the wrong order', 'recieve', 'receive'],
  ])('%s', (_what, term, meant) => {
    expect(means([term], [meant, 'other'])).toEqual({ [term]: [meant] });
  });

  test('two words that are joined', () => {
    expect(means(['watertank'], ['water', 'tank'])).toEqual({ watertank: ['water', 'tank'] });
    expect(means(['urlaubsantrag'], ['urlaub', 'antrag'])).toEqual({ urlaubsantrag: ['urlaub', 'antrag'] });
  });

  test('nothing where a word is known, short, a number, begins otherwise, or may mean several', () => {
    expect(means(['invoice'], ['invoice', 'invoices'])).toEqual({});
    expect(means(['rant', 'q12345'], ['rent', 'q12346'])).toEqual({});
    expect(means(['tension'], ['pension'])).toEqual({});
    expect(means(['station'], ['statione', 'stations'])).toEqual({});
  });

  test('nothing in a text full of unknown words', () => {
    const letters = 'abcdefghi'.split('');
    const unknown = letters.map((letter) => `invois${letter}`);
    const known = letters.map((letter) => `invoi${letter}s`);
    expect(means(unknown, [...known, 'invoise'])).toEqual({});
    expect(means(unknown.slice(0, 1), ['invoisea'])).toEqual({ invoisa: ['invoisea'] });
  });
});
