import { answerPassage } from '../../../../../test/support/answer-passage.js';
import { computingTime } from '../../../../../test/support/clock.js';
import { anchorsOf, said } from './anchors.js';
import { wordingFor } from './question-wording.js';

const anchors = (question: string): ReturnType<typeof anchorsOf> => anchorsOf(question, wordingFor(question));

test.each([
  ['What was the revenue of the Antwerp shop?', ['Antwerp']],
  ["What was Acme Robotics' revenue in Q2 2023?", ['2023', 'Q2', 'Acme Robotics']],
  ['What were the sales in 2019 and 2020?', ['2019', '2020']],
  ['Wie hoch ist die Kaution der Wohnung?', []],
  ['WHAT WAS THE REVENUE OF THE ANTWERP SHOP?', []],
  ['What Was The Revenue Of The Shop?', []],
  ['what was the revenue of the antwerp shop?', []],
  ['What happened in May on a Monday?', []],
  ['Who is its CFO? (Cygnus revenue 2023)', ['CFO']],
  ['AMD client revenue in Q1 2022?', ['2022', 'Q1', 'AMD']],
  ['WHO founded it?', []],
  ['PLEASE tell me what it costs', []],
  ['Intel client revenue?', []],
])('%s names %j', (question, named) => {
  expect(anchors(question).map(({ text }) => text)).toEqual(named);
});

test.each([
  ['Intel client revenue?', 'Revenue of Intel grew.', ['Intel']],
  ["Intel's client revenue?", 'Intel Corporation', ['Intel']],
  ['Intel client revenue?', 'Intel grew. | Intel |', []],
  ['Client revenue?', 'Client revenue\nThe client revenue of Client Services grew', []],
  ['Client revenue?', 'Sum of Client Revenue', []],
  ['Show the late revenue', 'the Late Show grew', []],
])('%s in %j names %j', (question, text, named) => {
  const found = anchorsOf(question, wordingFor(question), [answerPassage(text)]);
  expect(found.map((anchor) => anchor.text)).toEqual(named);
});

test.each([
  ['Is it in Antwerp?', "Antwerp's shop", true],
  ['Is it in Antwerp?', 'Ghent', false],
  ['Is it in Antwrep?', 'Antwerp', true],
  ['Is it in Zürich?', 'ZURICH', true],
  ['Is it the Germany office?', 'the German office', true],
  ['Is it in Austria?', 'Australia', false],
  ['Is it in the United States?', 'sold in the US', true],
  ['Is it in the US?', 'sold in the United States', true],
  ['Who is the CFO of it?', 'the chief financial officer', true],
  ['Who leads Delphi Foods?', 'Boreal Foods grew', false],
  ['Who leads Delphi Foods?', 'Delphi, Inc. grew', true],
  ['When did Angela Merkel speak?', 'Then Merkel spoke.', true],
  ['Who sang at the Superbowl?', 'the Super Bowl', true],
  ['Was it sold in 2023?', 'sold on 3/4/23', true],
  ['Was it sold in 2023?', 'ACME_2023Q2', true],
  ['Was it sold in 2023?', 'sold for 12023', false],
  ['Was it sold in Q2?', 'the second quarter', true],
  ['Was it sold in Q2?', 'in Q3', false],
  ['Was it sold in the first half of 2022?', 'six months ended June 30, 2022', true],
  ['Was it sold in the first half of 2022?', 'three months ended June 30, 2022', false],
  ['Was it sold in H2 2022?', 'in the second half of 2022', true],
  ['Was it sold in H2 2022?', 'in the first half of 2022', false],
  ['Was it sold in fiscal year 2022?', 'Annual report 2022', true],
  ['Was it sold in fiscal year 2022?', 'AMD_2022Q1', false],
  ['Was it sold in the first half?', 'in the second', true],
])('%s is held by %j: %j', (question, text, held) => {
  expect(anchors(question).every((anchor) => anchor.isHeld(said(text)))).toBe(held);
});

test.each(['Aa ', 'A.', "A'", '2023 ', 'Q2 ', '(a', 'Super bowl '])('takes a bounded time: %j', (piece) => {
  const text = `is ${piece.repeat(4_000)}`;
  expect(computingTime(() => anchors(text).forEach((anchor) => anchor.isHeld(said(text))))).toBeLessThan(
    2_000,
  );
});
