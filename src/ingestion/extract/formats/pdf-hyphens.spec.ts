import { growth, LINEAR } from '../../../../test/support/clock.js';
import { LINE_HYPHEN, settleHyphens } from './pdf-hyphens.js';
import type { PdfLine } from './pdf-layout.js';

const line = (text: string): PdfLine => ({
  text: text.replaceAll('~', LINE_HYPHEN),
  page: 1,
  angle: 0,
  along: 0,
  across: 0,
  lastAcross: 0,
  size: 10,
  bold: false,
  startsWithSymbol: false,
});
const settled = (...texts: string[]): string[] =>
  settleHyphens([texts.map(line)])[0]!.map(({ text }) => text);

describe('hyphens at the end of a line', () => {
  test.each([
    ['the infor~mation of it', 'the information\nof it'],
    ['[22]. Ef~fects', '[22]. Effects'],
    ['the infor~mation, and more', 'the information,\nand more'],
    ['GENERAL INFOR~MATION', 'GENERAL INFORMATION'],
    ['насос~ная станция', 'насосная\nстанция'],
    ['an in~ter~nal one', 'an internal\none'],
  ])('go where they only divide a word: %s', (text, whole) => {
    expect(settled(text)).toEqual([whole]);
  });

  test.each([
    ['COVID~19', 'COVID-19'],
    ['Social~Media', 'Social-Media'],
    ['(Schwarz~Weiß', '(Schwarz-Weiß'],
    ['Северо~Запад', 'Северо-Запад'],
    ['an e~mail', 'an e-mail'],
    ['the years 1987~2037', 'the years 1987-2037'],
    ['E~Mail', 'E-Mail'],
    ['what ends there~', 'what ends there-'],
  ])('stay where the word has them: %s', (text, whole) => {
    expect(settled(text)).toEqual([whole]);
  });

  test('stay where the document has the word with one', () => {
    expect(settled('a well~known man', 'Well-known to all', 'the well~being')).toEqual([
      'a well-known\nman',
      'Well-known to all',
      'the wellbeing',
    ]);
  });

  test.each(['a', 'a-', 'a~', '~', '-'])('take a time that grows with the text only: %j', async (piece) => {
    expect(await growth((n) => settled(piece.repeat(n)), 10_000)).toBeLessThan(LINEAR);
  });
});
