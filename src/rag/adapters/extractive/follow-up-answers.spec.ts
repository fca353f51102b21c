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

/** What stands in parentheses a follow-up carries from the question before it. */
test.each([
  [
    'How many staff does she have? (Graz Anna Berg runs plant)',
    'en',
    'The plant in Graz is run by Anna Berg, who signed form HX-350L in 2019. Anna Berg has 24 staff. The canteen opens at 7:30.',
    'Anna Berg has 24 staff.',
  ],
  [
    'Et quelle est sa pression maximale ? (PH-200 pèse presse)',
    'fr',
    'La presse hydraulique PH-200 pèse 2 300 kg. L’huile est remplacée toutes les 1 000 heures. La pression maximale est de 250 bars.',
    'La pression maximale est de 250 bars.',
  ],
  [
    'Какова его гарантия? (Станок ТВ-320 весит)',
    'ru',
    'Станок ТВ-320 весит 500 кг. Масло необходимо менять каждые 400 часов работы. Гарантия действует 12 месяцев.',
    'Гарантия действует 12 месяцев.',
  ],
  [
    'ومن هو المؤجر؟ (يبلغ الإيجار الشهري)',
    'ar',
    'يبلغ الإيجار الشهري ٣٥٠٠ ريال. يعادل مبلغ التأمين إيجار شهرين. المؤجر هو شركة البيت الأخضر للعقارات.',
    'المؤجر هو شركة البيت الأخضر للعقارات.',
  ],
  [
    'Wie hoch ist ihre maximale Drehzahl? (Fräsmaschine FX-300 schwer)',
    'de',
    'Die Fräsmaschine FX-300 wiegt 1.480 kg. Das Kühlschmiermittel muss gewechselt werden. Die maximale Drehzahl beträgt 12.000 U/min.',
    'Die maximale Drehzahl beträgt 12.000 U/min.',
  ],
  [
    'А де його аварійний вимикач? (важить верстат)',
    'uk',
    'Верстат ВТ-20 важить 640 кг. Оливу замінюють щороку. Аварійний вимикач розташований праворуч від пульта.',
    'Аварійний вимикач розташований праворуч від пульта.',
  ],
])('%s', async (question, language, text, answer) => {
  expect(await ask(question, answerPassage(text, { language }))).toEqual([answer]);
});

test('what is said of "it" right behind what is asked answers as well', async () => {
  const text = 'The warranty is limited. For the hydraulic press in Graz it lasts 24 months.';
  const question = 'How long is its warranty? (hydraulic press Graz)';
  expect(await ask(question, answerPassage(text))).toEqual([
    'For the hydraulic press in Graz it lasts 24 months.',
  ]);
});

test('a question that names nothing itself is about what it carries', async () => {
  const text = 'The bridge was closed because of the flood. Trams crossed it before.';
  expect(await ask('Why? (bridge closed)', answerPassage(text))).toContain(
    'The bridge was closed because of the flood.',
  );
});
