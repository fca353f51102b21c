import { answerPassage } from '../../../../test/support/answer-passage.js';
import { analyse } from '../../../lexical/analyser/analyser.js';
import { nameTerms } from '../../../lexical/analyser/names.js';
import type { AnswerPassage } from '../../answer.types.js';
import { ExtractiveAnswerer } from './extractive-answerer.js';

/** With an encoder that finds everything alike. */
async function ask(question: string, ...passages: AnswerPassage[]): Promise<string | undefined> {
  const similarity = (_: string, texts: readonly string[]): Promise<number[]> =>
    Promise.resolve(texts.map(() => 0.6));
  const answerer = new ExtractiveAnswerer({ analyse, nameTerms, similarity });
  const alike = passages.map((passage) => ({ ...passage, similarity: 0.6 }));
  for await (const event of answerer.answer({ question, passages: alike }))
    if (event.type === 'citation') return event.citation.quote;
  return undefined;
}

const SHOPS = answerPassage(
  '| Shop | Revenue 2023 | Revenue 2024 |\n|---|---|---|\n| Ghent | 876 | 901 |\n| Utrecht | 1245 | 1302 |',
);
const PARTS = answerPassage(
  '| Part | Description | Reorder level |\n|---|---|---|\n| HX-1001 | Hex bolt | 200 |\n| HX-1002 | Hex bolt | 350 |',
);
const FILING = answerPassage(
  'Acme Robotics, Inc.\nAcme Robotics makes arms. Ann Berg is Chief Financial Officer.\nRevenue grew by 8% to 40 million.',
  { title: 'Acme Robotics', fileName: 'ACME_2023Q2.html' },
);

test.each([
  ['What was the revenue of the Ghent shop in 2023?', SHOPS, /^Ghent/],
  ['What was the revenue of the Antwerp shop in 2023?', SHOPS, undefined],
  ['What was the revenue of the Ghent shop in 2022?', SHOPS, undefined],
  ['What is the reorder level of HX-1002?', PARTS, /^HX-1002/],
  ['What is the reorder level of HX-1003?', PARTS, undefined],
  ['Who is the CFO of Acme Robotics?', FILING, /Ann Berg/],
  ['Who is the CFO of Delphi Foods?', FILING, undefined],
  ['How much did the revenue of Acme grow in the second quarter of 2023?', FILING, /8%/],
  ['How much did the revenue of Acme grow in the third quarter of 2023?', FILING, undefined],
  ['How much did the revenue of Acme grow in Q2 2022?', FILING, undefined],
])('%s', async (question, found, answer) => {
  const quote = await ask(question, found);
  if (answer) expect(quote).toMatch(answer);
  else expect(quote).toBeUndefined();
});

describe('a document that only its opening says the name of', () => {
  const OPENING = 'Form 10-Q\nIntel Corporation\n| Auditor | Delphi |\nfor the quarter ended April 1, 2023';
  const dividends = answerPassage('We have paid a cash dividend in each quarter of the year.', {
    documentId: 'intel',
    title: 'Form 10-Q',
  });
  const cash = answerPassage(
    '| | Apr 1, 2023 | Dec 31, 2022 |\n|---|---|---|\n| Cash and cash equivalents | 8,232 | 11,144 |',
    { documentId: 'intel', title: 'Form 10-Q' },
  );
  const opened = { opening: OPENING };
  test.each([
    ['Did Intel pay a cash dividend?', opened, /dividend/],
    ['How much cash and cash equivalents did Intel hold on April 1, 2023?', opened, /8,232/],
    ['Did Intel pay a cash dividend?', {}, undefined],
    ['Did Nvidia pay a cash dividend?', opened, undefined],
    // In a table it is the name of something else.
    ['Did Delphi pay a cash dividend?', opened, undefined],
  ])('%s', async (question, extra, answer) => {
    const found = [dividends, cash].map((passage) => ({ ...passage, ...extra }));
    const beside = answerPassage('A cash dividend of AMD is paid each quarter.', { documentId: 'amd' });
    const quote = await ask(question, beside, ...found);
    if (answer) expect(quote).toMatch(answer);
    else expect(quote).toBeUndefined();
  });
});

test('in another language a name is spelt otherwise, and says nothing', async () => {
  const text = 'Munich Airport was opened by the minister in 1992.';
  expect(await ask('When was Muenchen Airport opened?', answerPassage(text, { language: 'fr' }))).toBe(text);
});

test.each([
  ["What was Intel's goodwill in Q2 2022?", 'INTEL CORPORATION.'],
  ["What is Brightwater's address in Q2 2022?", 'Brightwater Limited.'],
  ["What was Norvik's goodwill in Q2 2022?", 'Norvik Holding ASA.'],
  ["What was Lufthansa's goodwill in Q2 2022?", 'Lufthansa Group, Inc.'],
])('%s: the name alone is no answer: %s', async (question, name) => {
  const filing = answerPassage(`${name}\nIndicate by check mark whether it is a shell.`, {
    fileName: 'Filing_2022Q2.pdf',
  });
  expect(await ask(question, filing)).not.toBe(name);
});

test('a legal form in small letters tells what something is', async () => {
  const text = 'Brightwater is a limited company.';
  expect(await ask('What is Brightwater?', answerPassage(text))).toBe(text);
});

test.each([
  ['Intel client net revenue in Q1 2022?', /2,458/],
  ['AMD client net revenue in Q1 2022?', /1,669/],
])('a name that a question begins with: %s', async (question, answer) => {
  const filing = (company: string, revenue: string): AnswerPassage =>
    answerPassage(`${company}\nClient net revenue was ${revenue} million in the first quarter of 2022.`, {
      documentId: company,
    });
  const filings = [filing('Advanced Micro Devices, Inc.', '1,669'), filing('Intel Corporation', '2,458')];
  expect(await ask(question, ...filings)).toMatch(answer);
});

test.each([
  ['What was the net revenue of Acme in the first half of 2022?', undefined],
  ['What was the net revenue of Acme in fiscal year 2022?', undefined],
  ['What was the net revenue of Acme in Q1 2022?', /8,744/],
  ['What was the net revenue of Acme in 2022?', /8,744/],
])('a quarter is told for no longer period: %s', async (question, answer) => {
  const quote = await ask(
    question,
    answerPassage('Net revenue for the three months ended March 31, 2022 was $8,744 million.', {
      title: 'Acme, first quarter of 2022',
    }),
  );
  if (answer) expect(quote).toMatch(answer);
  else expect(quote).toBeUndefined();
});

test.each([
  'The company sells pumps. Net revenue was $40 million in 2022.',
  'Annual report. Net revenue 2022: 40',
])('a year that no part is told of is the whole year: %s', async (text) => {
  const question = 'What was the net revenue in fiscal year 2022?';
  expect(await ask(question, answerPassage(text))).toMatch(/40/);
});
