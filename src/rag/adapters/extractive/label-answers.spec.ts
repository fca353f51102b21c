import { answerPassage } from '../../../../test/support/answer-passage.js';
import { analyse } from '../../../lexical/analyser/analyser.js';
import { nameTerms } from '../../../lexical/analyser/names.js';
import type { AnswerPassage } from '../../answer.types.js';
import { NO_ANSWER_TEXT } from '../../answering/no-answer.js';
import { ExtractiveAnswerer } from './extractive-answerer.js';

async function ask(question: string, ...passages: AnswerPassage[]): Promise<string[]> {
  const quotes: string[] = [];
  for await (const event of new ExtractiveAnswerer({ analyse, nameTerms }).answer({ question, passages }))
    if (event.type === 'citation') quotes.push(event.citation.quote);
    else if (event.type === 'token' && event.text === NO_ANSWER_TEXT) quotes.push('none');
  return quotes;
}

const CODES = answerPassage(
  'Fault codes of the pump.\n\n| Code | Meaning | Remedy |\n|---|---|---|\n| E01 | Pump blocked | Clean the filter |\n| E02 | Too hot | Let it cool down |\n| E03 | No water | Open the tap |',
);
const MINUTES = answerPassage(
  'Minutes of the project steering committee, Harbour Expansion\n\nThe committee is chaired by Marta Silva. It meets on Mondays.',
);
const FAQ = answerPassage(
  '**Q: Do you deliver abroad?**\nA: Yes. To all of Europe.\n\n**Q: Do you deliver on Sundays?**\nA: Not at all. We deliver from Monday to Saturday.\n\n**Q: Can I return goods?**\nA: Within 30 days.',
);
const CONTENTS = answerPassage(
  '3.6.5 Defining the print area . . . . . . . . 12\n3.6.6 Printing . . . . . . . . 14',
);
const PRIORITIES = answerPassage(
  'Response times\n\nP1: Outage of a whole site. The response is due within 30 minutes.\nP2: Part of a site. Within four hours.',
);

test.each([
  ['When is a P1 outage answered?', PRIORITIES, /^P1: Outage/],
  ['What is the remedy for E02?', CODES, /^E02 \| Too hot/],
  ['Who chairs the steering committee?', MINUTES, /^The committee is chaired by Marta Silva/],
  ['Do you deliver on Sundays?', FAQ, /^A: Not at all\.$/],
  ['How do I define the print area?', CONTENTS, /^none$/],
])('%s', async (question, found, first) => {
  expect((await ask(question, found))[0]).toMatch(first);
});

test('what stands below the question is quoted in order, up to the next label', async () => {
  expect(await ask('Do you deliver on Sundays?', FAQ)).toEqual([
    'A: Not at all.',
    'We deliver from Monday to Saturday.',
  ]);
  const news = '## What is new in 3.4?\n\n- Faster search\n- Dark mode\n\n## What is new in 3.3?\n\n- Tags';
  expect(await ask('What is new in 3.4?', answerPassage(news))).toEqual(['Faster search', 'Dark mode']);
});

const UPGRADE = 'Stop the service, run `orionctl migrate` and start it again. A backup is made before.';
const MENTION = answerPassage('After you upgrade, the old files may be deleted. They are kept for a week.');

test.each([
  answerPassage(`## How do I upgrade?\n\n${UPGRADE}`),
  answerPassage(UPGRADE, { headings: ['Manual', 'How do I upgrade?'] }),
  answerPassage(UPGRADE, { headings: ['Upgrade'] }),
])('a heading that is the question has its answer below: %j', async (manual) => {
  const quotes = await ask('How do I upgrade?', MENTION, manual);
  expect(quotes[0]).toBe('Stop the service, run `orionctl migrate` and start it again.');
});

test('below a heading that only names the matter, what is of the kind asked for answers', async () => {
  const text = 'It is paid to all who stay.\n\nHalf of it is due in 2031.';
  expect(
    await ask('When is the bonus paid?', answerPassage(text, { headings: ['The bonus is paid'] })),
  ).toEqual(['Half of it is due in 2031.']);
});

test('a heading about something else answers nothing', async () => {
  const other = answerPassage(UPGRADE, { headings: ['How do I upgrade?'] });
  expect(await ask('How do I uninstall the mobile client?', other)).toEqual(['none']);
});

test('a line is quoted where there is no other, or where it tells what was asked', async () => {
  expect(await ask('Who leads the sales team?', answerPassage('Sales team lead: Ann Berg'))).toEqual([
    'Sales team lead: Ann Berg',
  ]);
  expect(
    (await ask('Where does Alice work?', answerPassage('Alice works at Acme\n\nCarol likes it there.')))[0],
  ).toBe('Alice works at Acme');
  const row = answerPassage('Harbour berth | 61 | Otters');
  expect(await ask('How long is the harbour berth?', row)).toEqual([row.text]);
});

test('the name of the file says what a text leaves out', async () => {
  const text = 'Net revenue was 5,565 million dollars, and gross profit 2,354 million.';
  const question = 'AMD Q3 2022 net revenue';
  expect(await ask(question, answerPassage(text))).toEqual(['none']);
  expect(await ask(question, answerPassage(text, { fileName: 'AMD_2022Q3_10Q.txt' }))).toEqual([text]);
  expect(await ask(question, answerPassage(text, { fileName: 'INTEL_2019Q1_10Q.txt' }))).toEqual(['none']);
});

test('the caption of a picture is no question, whatever it shows', async () => {
  const other = answerPassage(
    'Male Mandarin duck\n\nThe overall body plan of ducks is elongated and broad. They have long necks.',
  );
  const right = answerPassage('A male is called a drake, and the female is called a duck or a hen.');
  expect((await ask('What is a male duck called?', other, right))[0]).toMatch(/drake/);
});
