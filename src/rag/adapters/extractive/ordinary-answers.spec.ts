import { answerPassage } from '../../../../test/support/answer-passage.js';
import { computingTimeOf } from '../../../../test/support/clock.js';
import { analyse } from '../../../lexical/analyser/analyser.js';
import { nameTerms } from '../../../lexical/analyser/names.js';
import { readQuestion } from './asking/question.js';
import { ExtractiveAnswerer } from './extractive-answerer.js';

/** @param cosine what the encoder says of every sentence */
async function ask(
  question: string,
  text: string,
  { language = 'en', cosine = 0.8 } = {},
): Promise<string | undefined> {
  const passages = [answerPassage(text, { language })];
  const similarity = (_: string, texts: readonly string[]): Promise<number[]> =>
    Promise.resolve(texts.map(() => cosine));
  const answerer = new ExtractiveAnswerer({ analyse, nameTerms, similarity });
  for await (const event of answerer.answer({ question, passages }))
    if (event.type === 'citation') return event.citation.quote;
  return undefined;
}

/** Rules that refuse what is not told must let these through. */
test.each([
  ['How often should ibuprofen be taken?', 'Adults take 400 mg ibuprofen three times daily.', 'en'],
  ['How often is the membership fee charged?', 'The membership fee of €15 is charged monthly.', 'en'],
  ['Wie oft wird der Beitrag eingezogen?', 'Der Beitrag von 15 Euro wird monatlich eingezogen.', 'de'],
  ['How long are early-bird tickets on sale?', 'Early-bird tickets at €199 are on sale until Whitsun.', 'en'],
  [
    'How far in advance must leave be requested?',
    'Leave must be requested at least 14 days in advance.',
    'en',
  ],
  ['How far is the station?', 'The station is 10 minutes on foot.', 'en'],
  ['How much does the trial cost?', 'The trial is free for 14 days.', 'en'],
  [
    'Which costs are reimbursed?',
    'Costs of travel by train and hotel stays of up to 3 nights are reimbursed.',
    'en',
  ],
  ['What is included in the price?', 'Breakfast, transfers and one 20 kg bag are included in it.', 'en'],
  ['Was passiert bei Überlast?', 'Bei Überlast schaltet der Motor nach 30 s ab.', 'de'],
  ['¿Cuál es el tiempo de carga de la batería?', 'La batería tarda 4 horas en cargarse.', 'es'],
  ['OK, what is the notice period?', 'The notice period is six weeks.', 'en'],
  ['HELP, how do I reset my password?', 'To reset your password, press Forgotten on the sign-in page.', 'en'],
  ['URGENT: who do I call about a leak?', 'About a leak, call Ann Berg in the control room.', 'en'],
  ['Wer trägt die Kosten?', 'Die Gesellschaft trägt die Kosten.', 'de'],
  ['Wer trägt die Kosten?', 'Die GmbH trägt die Kosten.', 'de'],
  ['Wer trägt die Kosten?', 'Unsere Gesellschaft trägt die Kosten.', 'de'],
  ['Who pays the insurance?', 'The Company pays the insurance.', 'en'],
  [
    'What was the revenue in fiscal year 2023?',
    'Revenue was $5.2 billion in 2023. In Q4 2023 it was $1.4 billion.',
    'en',
  ],
])('%s', async (question, text, language) => {
  expect(text).toContain((await ask(question, text, { language })) ?? 'no answer');
});

test('a year is told by what is said of it, not of its quarters', async () => {
  const text = 'Revenue was $5.2 billion in 2023. In Q4 2023 revenue was $1.4 billion.';
  expect(await ask('What was the revenue in fiscal year 2023?', text)).toBe(
    'Revenue was $5.2 billion in 2023.',
  );
});

test.each([
  ['Who is the head of IT?', 'The head of Sales is Jan Moor.'],
  ['What was the revenue in the US?', 'The revenue in Germany was 20 million euros.'],
  ['What is the voltage of the press?', 'The press weighs 900 kg.'],
  ['How often is the oil of the press changed?', 'The oil of the press costs 15 EUR per litre.'],
  ['What does the press cost?', 'The press weighs 900 kg with its base included.'],
  ['What does the press cost?', 'The press is maintenance-free for 500 hours.'],
  ['How old is the press?', 'The press is built for loads of 900 kg.'],
  [
    'What was the revenue in fiscal year 2023?',
    'The fourth quarter of 2023 was strong. Revenue was $1.4 billion, up 5 %.',
  ],
  ['What was the revenue in fiscal year 2023?', 'Revenue in the first half of 2023 was 2.4 bn.'],
  ['What was the revenue in the first half of 2023?', 'In 2023 growth went on. Revenue in 2H23 was 3.1 bn.'],
])('is still not told: %s', async (question, text) => {
  expect(await ask(question, text, { cosine: 0.45 })).toBeUndefined();
});

test.each([
  ['de', 'Wie lange hält der Akku der Presse?', 'Der Akku der Presse arbeitet bei bis zu 60 °C.'],
  ['de', 'Welchen Preis hat die Presse?', 'Die Presse wiegt inklusive Sockel 900 kg.'],
  ['it', 'Quali sono i prezzi della pressa?', 'La pressa pesa 900 kg.'],
  ['es', '¿Cuál es el precio de la prensa?', 'La prensa vendida en Europa pesa 900 kg incluida la base.'],
  ['es', '¿Cuánto nos cuesta la prensa?', 'La prensa pesa 900 kg.'],
])('nor in %s: %s', async (language, question, text) => {
  expect(await ask(question, text, { language, cosine: 0.45 })).toBeUndefined();
});

test('names in capitals are looked for, but not where all is in capitals', () => {
  expect(readQuestion('Who is the head of IT?', analyse, 'en').terms).toContain('IT');
  expect([...readQuestion('WHO RUNS IT?', analyse, 'en').terms]).toEqual(['run']);
});

test('a text instead of a question is compared in a bounded time', async () => {
  const words = (from: number, count: number): string =>
    Array.from({ length: count }, (_, i) => `word${((from + i) * 7919).toString(36)}`).join(' ');
  const text = Array.from({ length: 100 }, (_, i) => `${words(i * 50, 50)}.`).join(' ');
  expect(await computingTimeOf(() => ask(words(100_000, 1_000), text))).toBeLessThan(3_000);
});
