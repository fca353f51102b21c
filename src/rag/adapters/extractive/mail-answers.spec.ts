import { answerPassage } from '../../../../test/support/answer-passage.js';
import { analyse } from '../../../lexical/analyser/analyser.js';
import { ExtractiveAnswerer } from './extractive-answerer.js';

const HEADER = 'From: Hannah Brandt <hannah@orbita.example>\nTo: Leo\nDate: 2024-11-14T15:22:00.000Z';
const NEW = 'the launch moves to 3 February 2025.';
const OLD = 'The launch is planned for 9 December 2024.';

const MAIL = answerPassage(
  `Re: Launch\n\n${HEADER}\n\nHi Leo,\n\n${NEW} Please tell the agency.\n\nOn Tue, 12 Nov 2024, Leo Mwangi wrote:\n> ${OLD}\n> The agency has booked the ads in Hamburg.`,
);

async function ask(question: string): Promise<string[]> {
  const quotes: string[] = [];
  for await (const event of new ExtractiveAnswerer({ analyse }).answer({ question, passages: [MAIL] }))
    if (event.type === 'citation') quotes.push(event.citation.quote);
  return quotes;
}

test('newer text that answers stands alone', async () => {
  expect(await ask('When is the launch?')).toEqual([NEW]);
});

test('older text answers what newer text does not', async () => {
  expect((await ask('Who has booked the ads in Hamburg?'))[0]).toMatch(/booked the ads/);
});
