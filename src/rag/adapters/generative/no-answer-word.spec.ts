import { NoAnswerWord } from './no-answer-word.js';

function through(text: string, size: number): { said: string; alone: boolean; found: boolean } {
  const word = new NoAnswerWord('NO_ANSWER');
  let said = '';
  for (let i = 0; i < text.length; i += size) said += word.push(text.slice(i, i + size));
  said += word.flush();
  return { said, alone: word.alone, found: word.found };
}

describe('NoAnswerWord', () => {
  test.each([
    ['The passages do not say this. NO_ANSWER', 'The passages do not say this.', false, true],
    ['The passages do not say this. **NO_ANSWER**.', 'The passages do not say this.', false, true],
    ['It is silent.\n\nNO_ANSWER\n\nBut it is long.', 'It is silent.\n\n\n\nBut it is long.', false, true],
    ['They say NO_ANSWER and NO_ANSWER again.', 'They say and again.', false, true],
    ['NO_ANSWER', '', true, true],
    ['\n "`NO_ANSWER`" as the passages say', '', true, true],
    ['NO_ANSWERS are in it', 'NO_ANSWERS are in it', false, false],
    ['MY_NO_ANSWER_X is a name', 'MY_NO_ANSWER_X is a name', false, false],
    ['NOBODY knows', 'NOBODY knows', false, false],
    ['It is said by N', 'It is said by N', false, false],
    [' **Bold** (NO', ' **Bold** (NO', false, false],
    ['* ', '* ', false, false],
    ['', '', false, false],
  ])('in %j', (text, said, alone, found) => {
    for (let size = 1; size <= Math.max(1, text.length); size++)
      expect({ size, ...through(text, size) }).toEqual({ size, said, alone, found });
  });

  test('holds nothing back that cannot become the word', () => {
    const word = new NoAnswerWord('NO_ANSWER');
    expect(word.push('The bridge')).toBe('The bridge');
    expect(word.push(' was NO')).toBe(' was');
    expect(word.push('T')).toBe(' NOT');
  });

  test('is not alone where something else than text came before', () => {
    const word = new NoAnswerWord('NO_ANSWER');
    word.flush();
    expect(word.push('NO_ANSWER') + word.flush()).toBe('');
    expect(word).toMatchObject({ alone: false, found: true });
  });
});
