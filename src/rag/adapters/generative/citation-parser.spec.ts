import { computingTime } from '../../../../test/support/clock.js';
import { CitationParser, type AnswerPiece } from './citation-parser.js';

/** Pieces of an answer that arrives in parts of the given length; neighbouring texts joined. */
function parse(answer: string, size = answer.length): AnswerPiece[] {
  const parser = new CitationParser();
  const pieces: AnswerPiece[] = [];
  for (let i = 0; i < answer.length; i += size) pieces.push(...parser.push(answer.slice(i, i + size)));
  pieces.push(...parser.end());
  return pieces.reduce<AnswerPiece[]>((joined, piece) => {
    const last = joined.at(-1);
    if (piece.kind === 'text' && last?.kind === 'text')
      joined[joined.length - 1] = { kind: 'text', text: last.text + piece.text };
    else joined.push(piece);
    return joined;
  }, []);
}

const marks = (answer: string): unknown[] =>
  parse(answer).flatMap((piece) => (piece.kind === 'mark' ? piece.marks : []));
const shown = (answer: string): string =>
  parse(answer)
    .map((piece) => (piece.kind === 'text' ? piece.text : '^'))
    .join('');

describe('CitationParser', () => {
  const answer = 'Kessler designed it [2: "Othmar Kessler designed the bridge"]. It opened in 1931 [1, 3].';

  test('takes marks out of the text', () => {
    expect(shown(answer)).toBe('Kessler designed it ^. It opened in 1931 ^.');
    expect(marks(answer)).toEqual([
      { passage: 2, quote: 'Othmar Kessler designed the bridge' },
      { passage: 1, quote: null },
      { passage: 3, quote: null },
    ]);
  });

  test('however the answer is cut into pieces', () => {
    for (let size = 1; size <= answer.length; size++) expect(parse(answer, size)).toEqual(parse(answer));
  });

  test('no piece of text ever holds a part of a mark', () => {
    const parser = new CitationParser();
    for (const letter of answer)
      for (const piece of parser.push(letter))
        if (piece.kind === 'text') expect(piece.text).not.toMatch(/["[\]]/);
  });

  test.each([
    ['[1: "a [b] c"]', [{ passage: 1, quote: 'a [b] c' }]],
    ['[1: "he said "no" to it"]', [{ passage: 1, quote: 'he said "no" to it' }]],
    ['[1: “curly”]', [{ passage: 1, quote: 'curly' }]],
    ['[ 12 : "spaced" ]', [{ passage: 12, quote: 'spaced' }]],
    [
      '[1: "one"; 2: "two"]',
      [
        { passage: 1, quote: 'one' },
        { passage: 2, quote: 'two' },
      ],
    ],
    [
      '[1: "one", 2: "two"]',
      [
        { passage: 1, quote: 'one' },
        { passage: 2, quote: 'two' },
      ],
    ],
    [
      '[1][2]',
      [
        { passage: 1, quote: null },
        { passage: 2, quote: null },
      ],
    ],
    ['[3, "with a comma"]', [{ passage: 3, quote: 'with a comma' }]],
    ['[1: "in two\nlines"]', [{ passage: 1, quote: 'in two\nlines' }]],
  ])('reads %s', (text, expected) => {
    expect(marks(text)).toEqual(expected);
    expect(shown(text)).toMatch(/^\^+$/);
  });

  test.each([
    '[see below]',
    'a[i] = [x, y]',
    '[',
    '[1',
    '[1: "open',
    '[1: no quotes]',
    '[1234]',
    '[]',
    'x ] y',
  ])('leaves %s as it is', (text) => {
    expect(parse(text)).toEqual([{ kind: 'text', text }]);
  });

  test.each(['[', '[1', '[1: "open', '[1: "one"; 2: "tw'])(
    'leaves %s out where the answer was cut',
    (mark) => {
      const parser = new CitationParser();
      expect([...parser.push(`It was ${mark}`), ...parser.end(true)]).toEqual([
        { kind: 'text', text: 'It was ' },
      ]);
    },
  );

  test('what never ends is given back as text and costs little', () => {
    const endless = `[1: "${'word '.repeat(20_000)}`;
    const spent = computingTime(() => expect(parse(endless, 7)).toEqual([{ kind: 'text', text: endless }]));
    expect(spent).toBeLessThan(1000);
  });
});
