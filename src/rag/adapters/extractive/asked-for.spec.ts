import { answerPassage } from '../../../../test/support/answer-passage.js';
import { growth, LINEAR } from '../../../../test/support/clock.js';
import { analyse } from '../../../lexical/analyser/analyser.js';
import type { AnswerPassage } from '../../answer.types.js';
import { ExtractiveAnswerer } from './extractive-answerer.js';
import { fieldOf } from './asking/fields.js';
import { withoutEmphasis } from './shown.js';
import { meantBy } from './asking/spelling.js';

/** The quotes, with an encoder that finds everything alike. */
async function ask(question: string, ...passages: AnswerPassage[]): Promise<string[]> {
  const similarity = (_: string, texts: readonly string[]): Promise<number[]> =>
    Promise.resolve(texts.map(() => 0.6));
  const answerer = new ExtractiveAnswerer({ analyse, similarity });
  const alike = passages.map((passage) => ({ ...passage, similarity: 0.6 }));
  const quotes: string[] = [];
  for await (const event of answerer.answer({ question, passages: alike }))
    if (event.type === 'citation') quotes.push(event.citation.quote);
  return quotes;
}

const REPORT = answerPassage(
  'Brandt Marine sells boats.\nNet revenue of Brandt Marine was 812 million in 2024.\nUte Krohn is chief executive.',
  { title: 'Brandt Marine' },
);
const BY_SHOP = answerPassage('The shop in Ghent made 812 thousand euros in 2024.', {
  title: 'Net income of the shops',
});
const PUMP = answerPassage('The Zeta pump makes two cups.\n\nColour: red\nWeight: 9.2 kg', {
  title: 'Zeta pump',
});
const BARE_PUMP = answerPassage('The Zeta pump makes two cups at a time.', { title: 'Zeta pump' });
const NOTES = answerPassage(
  'Owner: Ann Berg\nPlace: room 4\nEffective: 1 May 2024\n\nIt covers trips by train.',
  { title: 'Travel policy' },
);
const INVOICE = answerPassage('Invoice number: RG-4711\nDue date: 3 May 2024\nTotal: EUR 2,303.84', {
  title: 'Invoice RG-4711',
});
const RULES = answerPassage(
  'Every employee has 27 days of leave. Remote work from abroad needs approval. Parents get 14 weeks of parental leave. Parental leave is approved by Ann Berg.',
  { title: 'Rules of work' },
);
const ERRORS = answerPassage('Error 03: The tray is missing.\nError 07: The grinder is blocked.');
const TASKS = answerPassage(
  '6. Next meeting\n\nA3 - Jan Moor: send the plans to the city.\nA4 - Susan Clarke: prepare the opening ceremony.\nOpening ceremony: prepared by the office.',
);
const SHEET = answerPassage(
  'LiFe-48 battery module\n\nNominal voltage      51.2 V\nCycle life           6000 cycles\nWeight               46 kg\n\nModules of different weight must not be joined to one battery.',
);
const COURSES = answerPassage(
  'Evening courses in autumn\n\nCourse: Introduction to Pottery\nTeacher: Naomi Feldt\nFee: $180\n\nCourse: Spanish for Beginners\nTeacher: Pablo Ortega\nFee: $240\n\nCancellations of a course are free; after that half of the fee is kept.',
);

test.each([
  ['weight of the battery module', SHEET, /^Weight/],
  ['LiFe-48 cycle life', SHEET, /^Cycle life/],
  ['pottery course fee', COURSES, /^Fee: \$180/],
  ['What is the fee of the Spanish course?', COURSES, /^Fee: \$240/],
  ['Who is the teacher of the pottery course?', COURSES, /^Teacher: Naomi/],
  ['Who will prepare the opening ceremony?', TASKS, /^A4 - Susan Clarke/],
  ["What was Brandt Marine's net revenue in 2024?", REPORT, /812/],
  ["What was Brandt Marine's net income in 2024?", REPORT, undefined],
  ['What was the net income of the shop in Ghent in 2024?', BY_SHOP, /812/],
  ['What was the revenue of the shop in Ghent in 2024?', BY_SHOP, undefined],
  ['Who is the CEO of Brandt Marine?', REPORT, /^Ute Krohn/],
  ['Who is the vice chair of Brandt Marine?', REPORT, undefined],
  ['How heavy is the Zeta pump?', PUMP, /^Weight/],
  ['How heavy is the Zeta pump?', BARE_PUMP, undefined],
  ['What is the price of the Zeta pump?', BARE_PUMP, undefined],
  ['Who owns the travel policy?', NOTES, /^Owner/],
  ['Since when is the travel policy in force?', NOTES, /^Effective/],
  ['What is the total of invoice RG-4711?', INVOICE, /^Total/],
  ['When is invoice RG-4711 due?', INVOICE, /^Due/],
  ['May I do remote work from Japan?', RULES, /^Remote work from abroad/],
  ['How many weeks of parentl leave do parents get?', RULES, /14 weeks/],
  ['How do I fix error 07?', ERRORS, /^Error 07: The grinder is blocked\.$/],
])('%s', async (question, found, answer) => {
  const [quote] = await ask(question, found);
  if (answer) expect(quote).toMatch(answer);
  else expect(quote).toBeUndefined();
});

test('each part of a question gets its quote', async () => {
  const quotes = await ask('How long is parental leave and who approves it?', RULES);
  expect(quotes[0]).toBe('Parents get 14 weeks of parental leave.');
  expect(quotes).toContain('Parental leave is approved by Ann Berg.');
});

test('a quarter that there is not is no quarter', async () => {
  const table = answerPassage('| Year | Revenue of Q1 2024 |\n|---|---|\n| 2024 | 871 |');
  expect(await ask('What was the revenue in Q5 2024?', table)).toEqual([]);
});

const MAIL = answerPassage(
  'Autumn trip\n\nFrom: Ann Berg <ann@a.example>\nTo: all@a.example\nDate: Tue, 03 Sep 2024\n\nDear all,\n\nthe autumn trip goes to Porto with Leo Mwangi.',
  { title: 'Autumn trip', fileName: 'trip.eml' },
);
test('who wrote a mail is told by its sender alone', async () => {
  expect(await ask('Who wrote the mail about the autumn trip?', MAIL)).toEqual([
    'From: Ann Berg <ann@a.example>',
  ]);
});

test.each([
  ['**Up to five days** may be *carried* over.', 'Up to five days may be carried over.'],
  ['2 ** 3 * 4', '2 ** 3 * 4'],
  ['a*b*c and f(*args, **kwargs)', 'a*b*c and f(*args, **kwargs)'],
])('%s is shown without stars around words', (text, shown) => {
  expect(withoutEmphasis(text)).toBe(shown);
});

test.each([
  ['regenration', ['regeneration', 'water'], ['regeneration']],
  ['watertank', ['water', 'tank'], ['water', 'tank']],
  ['regeneration', ['generation', 'water'], undefined],
  ['loan', ['loam'], undefined],
])('%s among %j', (term, known, meant) => {
  expect(meantBy([term], new Set(known)).get(term)).toEqual(meant);
});

test('a field has a short name and a value', () => {
  expect(fieldOf('**Due date:** 3 May')).toEqual({ name: 'Due date', value: '3 May' });
  expect(fieldOf('https://a.example')).toBeUndefined();
  expect(fieldOf('This is what all of us have said: nothing')).toBeUndefined();
});

test.each(['*', '**a', 'a: ', 'a*'])('takes a time that grows with the text only: many %j', async (piece) => {
  const of = (n: number): void => {
    withoutEmphasis(piece.repeat(n));
    fieldOf(piece.repeat(n));
  };
  expect(await growth(of, 5_000)).toBeLessThan(LINEAR);
});
