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
  ['ગુજરાતી', ['gu'], 0],
  ['ಕನ್ನಡ', ['kn'], 0],
  ['മലയാളം', ['ml'], 0],
  ['ਪੰਜਾਬੀ', ['pa'], 0],
  ['සිංහල', ['si'], 0],
  ['ខ្មែរ', ['km'], 0],
  ['ລາວ', ['lo'], 0],
  ['မြန်မာ', ['my'], 0],
  ['አማርኛ', ['am'], 0],
  ['How tall is the tower?', ['gu', 'am'], 1],
  ['Ulaanbaatar', ['mn'], 1],
  ['12 + 30 = ?', ['en'], 0],
  ['', ['en'], 0],
  ['長城有多長?', undefined, 0],
])('of %j an encoder for %j cannot read %d', (text, languages, share) => {
  expect(foreignShare(text, languages)).toBeCloseTo(share, 10);
});

describe('what the vocabulary of the encoder has to spell', () => {
  // Four letters a token in English, one in a language that it has never seen.
  const english = new Set('how tall is the tower that they built'.split(' '));
  const count = (text: string): number =>
    (text.match(/\S+/g) ?? []).reduce(
      (sum, word) => sum + (english.has(word.toLowerCase()) ? 1 : Math.ceil(word.length / 1.2)),
      0,
    );

  test.each<[string, number]>([
    ['How tall is the tower that they built?', 0],
    ['Kuinka korkea rakennettu torni onkaan?', 1],
    ['長城有多長?', 1],
    ['12 + 30 = ?', 0],
    ['zqxv', 0],
  ])('of %j is %d', (text, share) => {
    expect(foreignShare(text, ['en'], count)).toBeCloseTo(share, 1);
  });

  test('lies between for what is mixed', () => {
    const mixed = foreignShare('How tall is the tower that they built nimeltään?', ['en'], count);
    expect(mixed).toBeGreaterThan(0.2);
    expect(mixed).toBeLessThan(0.9);
    // Two scripts: the foreign one counts whole, the other one by its words.
    expect(foreignShare('長城 how tall is the tower', ['en'], count)).toBeCloseTo(2 / 19, 2);
  });

  test('says nothing of an encoder for any language, or for none in these letters', () => {
    expect(foreignShare('Kuinka korkea torni on?', undefined, count)).toBe(0);
    expect(foreignShare('Кто построил мост?', ['ru'], count)).toBe(0);
  });
});

test('the weight of words rises with it, and never reaches all', () => {
  expect(weightOfWords(0.4, 0)).toBe(0.4);
  expect(weightOfWords(0.4, 0.5)).toBeCloseTo(0.7, 10);
  expect(weightOfWords(0.4, 1)).toBe(0.95);
  expect(weightOfWords(1, 0)).toBe(1);
});
