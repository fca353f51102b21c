import { foreignShare, weightOfWords } from './language-vote.js';

test.each([
  ['How tall is the tower?', ['en'], 0],
  ['Wie hoch ist der Turm in Köln?', ['en'], 0],
  ['長城有多長?', ['en'], 1],
  ['長城有多長?', ['en', 'zh'], 0],
  ['दीवार कितनी लंबी है', ['en'], 1],
  ['Кто построил мост?', ['en'], 1],
  ['Кто построил мост?', ['ru'], 0],
  ['東京 tower', ['en'], 2 / 7],
  ['東京タワーの高さ', ['ja'], 0],
  ['12 + 30 = ?', ['en'], 0],
  ['', ['en'], 0],
  ['長城有多長?', undefined, 0],
])('of %j an encoder for %j cannot read %d', (text, languages, share) => {
  expect(foreignShare(text, languages)).toBeCloseTo(share, 10);
});

test('the weight of words rises with it, and never reaches all', () => {
  expect(weightOfWords(0.4, 0)).toBe(0.4);
  expect(weightOfWords(0.4, 0.5)).toBeCloseTo(0.7, 10);
  expect(weightOfWords(0.4, 1)).toBe(0.95);
  expect(weightOfWords(1, 0)).toBe(1);
});
