import { Vocabulary } from './vocabulary.js';

describe('the vocabulary', () => {
  const tokens = {
    '[UNK]': 100,
    un: 1,
    affable: 2,
    '##aff': 3,
    '##able': 4,
    a: 5,
    '##a': 6,
    '7': 7,
    '😀': 8,
    '##': 9,
  };
  const vocabulary = new Vocabulary(tokens, '##');

  it('knows each token by its whole text', () => {
    for (const [token, id] of Object.entries(tokens)) expect(vocabulary.idOf(token)).toBe(id);
    for (const token of ['', 'u', 'unn', 'aff', '##un', '[unk]', '\uD83D', 'ü'])
      expect(vocabulary.idOf(token)).toBeUndefined();
  });

  it('finds the longest piece, which inside a word is another one than at its beginning', () => {
    expect(vocabulary.longestPiece('unaffable', 0)).toEqual({ id: 1, end: 2 });
    expect(vocabulary.longestPiece('unaffable', 2)).toEqual({ id: 3, end: 5 });
    expect(vocabulary.longestPiece('unaffable', 5)).toEqual({ id: 4, end: 9 });
    expect(vocabulary.longestPiece('affable', 0)).toEqual({ id: 2, end: 7 });
    expect(vocabulary.longestPiece('😀', 0)).toEqual({ id: 8, end: 2 });
    expect(vocabulary.longestPiece('b', 0)).toBeUndefined();
    expect(vocabulary.longestPiece('ab', 1)).toBeUndefined();
  });

  it('is the same as a map of strings for any words', () => {
    let seed = 7;
    const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const letters = (most: number): string =>
      Array.from({ length: 1 + next(most) }, () => 'abcäß日'.charAt(next(6))).join('');
    const random: Record<string, number> = {};
    for (let id = 0; id < 3000; id++) random[`${next(2) === 0 ? '##' : ''}${letters(4)}`] = id;
    const map = new Map(Object.entries(random));
    const searched = new Vocabulary(random, '##');
    for (let round = 0; round < 3000; round++) {
      const word = letters(round % 100 === 0 ? 400 : 9);
      const start = next(word.length);
      let end = word.length;
      const piece = (): string => (start === 0 ? '' : '##') + word.slice(start, end);
      while (end > start && !map.has(piece())) end--;
      const expected = end > start ? { id: map.get(piece()), end } : undefined;
      expect(searched.longestPiece(word, start)).toEqual(expected);
    }
  });
});
