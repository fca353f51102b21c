import { answerPassage } from '../../../../test/support/answer-passage.js';
import { analyse } from '../../../lexical/analyser/analyser.js';
import { nameTerms } from '../../../lexical/analyser/names.js';
import { dayAsked } from './asking/dates.js';
import { ExtractiveAnswerer } from './extractive-answerer.js';

/** Minutes of a meeting, which its title dates. */
const MARCH = answerPassage(
  'Present: Ole Vik, Anna Berg, Tor Lie\nApologies: Kari Moe\n\nThe roof will be mended in May.\n\nThe next meeting will be held on 12 June 2024 in Bergen.',
  { documentId: 'march', title: 'Minutes of the board meeting, 14 March 2024' },
);
const JUNE = answerPassage(
  'Present: Ole Vik, Kari Moe, Tor Lie\nApologies: Anna Berg\n\nThe roof was mended.\n\nThe next meeting will be held on 19 September 2024.',
  { documentId: 'june', title: 'Minutes of the board meeting, 12 June 2024' },
);

/** With an encoder that finds an announcement of the meeting more alike than a list of names, as encoders do. */
async function ask(question: string): Promise<string | undefined> {
  const similarity = (_: string, texts: readonly string[]): Promise<number[]> =>
    Promise.resolve(texts.map((text) => (text.includes('next meeting') ? 0.6 : 0.35)));
  const answerer = new ExtractiveAnswerer({ analyse, nameTerms, similarity });
  for await (const event of answerer.answer({
    question,
    passages: [MARCH, JUNE].map((passage) => ({ ...passage, similarity: 0.5 })),
  }))
    if (event.type === 'citation') return event.citation.quote;
  return undefined;
}

test.each([
  ['Minutes of 2024-06-12', 'en', true],
  ['minutes_20240612', 'en', true],
  ['Board, June 12th, 2024', 'en', true],
  ['Board, 12 Jun. 2024', 'en', true],
  ['Protokoll vom 12.06.2024', 'en', true],
  ['Board, 12 July 2024', 'en', false],
  ['Board, June 2024', 'en', undefined],
  ['Call 12.6.20241', 'en', undefined],
  ['Sitzung vom 12. Juni 2024', 'de', true],
  ['Réunion du 12 juin 2024', 'fr', true],
  ['Reunión del 12 de junio de 2024', 'es', true],
  ['Встреча 12 июня 2024', 'ru', true],
  ['Встреча 12 июля 2024', 'ru', false],
])('%j is called by the day, in %s: %s', (name, language, isCalled) => {
  const day = dayAsked('2024-06-12?', language)!;
  expect([day.isIn(name), day.isRival(name)]).toEqual([isCalled === true, isCalled === false]);
});

test('a question of two days, or of none, is about no day', () => {
  for (const question of ['What changed from 1 May 2024 to 2 May 2024?', 'What happened in June 2024?'])
    expect(dayAsked(question, 'en')).toBeUndefined();
});

test.each([
  ['Who was absent from the meeting on 12 June 2024?', 'Apologies: Anna Berg'],
  ['Who was absent from the meeting on 14 March 2024?', 'Apologies: Kari Moe'],
  ['Who attended the meeting of 12 June 2024?', 'Present: Ole Vik, Kari Moe, Tor Lie'],
  // Nothing is called by that day: then who announces it may tell.
  ['When is the meeting of 19 September 2024?', JUNE.text.split('\n').at(-1)],
])('%s', async (question, quote) => {
  expect(await ask(question)).toBe(quote);
});
