import type { Turn } from '../../conversations/conversations.types.js';
import { analyse } from '../../lexical/analyser/analyser.js';
import { carryOver } from './carry-over.js';

const turn = (question: string, answer: string, supported = true): Turn => ({
  question,
  standalone: question,
  answer,
  supported,
});
const BRIDGE = turn(
  'Who designed the Zqxyz bridge?',
  'The engineer Othmar Kessler designed the Zqxyz bridge. [1]',
);

describe('carryOver', () => {
  test.each([
    ['When was it opened?', /^When was it opened\? \(.*\bbridge\b.*\)$/],
    ['And how long is it?', /Zqxyz bridge/],
    ['What about its span?', /Zqxyz bridge/],
    ['Where was he born?', /Othmar Kessler/],
    ['Why?', /Zqxyz bridge/],
    ['The colour?', /Zqxyz bridge/],
  ])('%s', (question, expected) => {
    expect(carryOver(question, [BRIDGE], analyse)).toMatch(expected);
  });

  test('the verb of the question before is not asked again', () => {
    expect(carryOver('When was it opened?', [BRIDGE], analyse)).not.toMatch(/designed/);
  });

  test.each(['How is green tea steeped in Japan?', 'At what temperature does tungsten hexafluoride boil?'])(
    'a question of its own stays as it is: %s',
    (question) => expect(carryOver(question, [BRIDGE], analyse)).toBe(question),
  );

  test('without turns, and with nothing to carry, it stays as it is', () => {
    expect(carryOver('Why?', [], analyse)).toBe('Why?');
    expect(carryOver('Why?', [turn('What?', 'No.', false)], analyse)).toBe('Why?');
  });

  test('goes on over several turns and stays bounded', () => {
    const turns: Turn[] = [BRIDGE];
    let question = '';
    for (let i = 0; i < 50; i++) {
      question = carryOver('And then?', turns, analyse);
      turns.push({ ...turn('And then?', 'x '.repeat(5_000)), standalone: question });
    }
    expect(question).toMatch(/Zqxyz bridge/);
    expect(question.length).toBeLessThan(300);
  });

  test('other languages are carried over where a question says little', () => {
    expect(carryOver('何时开通？', [turn('谁设计了长江大桥？', '…')], analyse).length).toBeGreaterThan(5);
  });
});
