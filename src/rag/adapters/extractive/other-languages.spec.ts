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

test('a document whose language nobody told is read in that of its neighbours', async () => {
  const press = answerPassage('A prensa PR-200 pesa 900 kg. O óleo deve ser trocado a cada 500 horas.');
  const leave = answerPassage('As férias não gozadas caducam em 30 de abril.', {
    documentId: 'leave',
    language: 'pt',
  });
  expect(await ask('Quanto pesa a prensa?', press, leave)).toEqual(['A prensa PR-200 pesa 900 kg.']);
});

test('Indonesian that was taken for Malay has the same little words', async () => {
  const text = 'Tekan tombol merah. Mesin ini berhenti.';
  expect(analyse(text, 'ms')).toEqual(analyse(text, 'id'));
  expect(analyse('Apakah yang ini', 'ms')).toEqual([]);
});

test('the Dutch press is not looked for in "per year"', async () => {
  const leave = answerPassage('Elke werknemer heeft recht op 25 vakantiedagen per jaar.', { language: 'nl' });
  const press = answerPassage('De pers HP-200 weegt 900 kg.', { documentId: 'press', language: 'nl' });
  expect(await ask('Hoe zwaar is de pers?', leave, press)).toEqual([press.text]);
});
