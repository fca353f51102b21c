import { answerPassage } from '../../../../test/support/answer-passage.js';
import { analyse } from '../../../lexical/analyser/analyser.js';
import type { AnswerPassage } from '../../answer.types.js';
import { ExtractiveAnswerer } from './extractive-answerer.js';

async function ask(question: string, ...passages: AnswerPassage[]): Promise<string[]> {
  const quotes: string[] = [];
  for await (const event of new ExtractiveAnswerer({ analyse }).answer({ question, passages }))
    if (event.type === 'citation') quotes.push(event.citation.quote);
  return quotes;
}

test('the Dutch press is not looked for in "per year"', async () => {
  const leave = answerPassage('Elke werknemer heeft recht op 25 vakantiedagen per jaar.', { language: 'nl' });
  const press = answerPassage('De pers HP-200 weegt 900 kg.', { documentId: 'press', language: 'nl' });
  expect(await ask('Hoe zwaar is de pers?', leave, press)).toEqual([press.text]);
});
