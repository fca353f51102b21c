import { answerPassage } from '../../../../test/support/answer-passage.js';
import { analyse } from '../../../lexical/analyser/analyser.js';
import type { AnswerPassage } from '../../answer.types.js';
import { readQuestion } from './asking/question.js';
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

const LEASE = answerPassage(
  'Το μηνιαίο ενοίκιο ανέρχεται σε 650,00 €. Εκμισθωτής είναι η Πράσινο Σπίτι Α.Ε. με έδρα την Αθήνα.',
  { language: 'el' },
);
const STOP = answerPassage(
  'Öljy on vaihdettava 500 käyttötunnin välein. Hätäpysäytyspainike sijaitsee ohjauspaneelin vasemmalla puolella.',
  { language: 'fi' },
);

test.each([
  ['Ποιος είναι ο εκμισθωτής;', LEASE, /Πράσινο Σπίτι/],
  ['ΠΟΙΟΣ ΕΙΝΑΙ Ο ΕΚΜΙΣΘΩΤΗΣ;', LEASE, /Πράσινο Σπίτι/],
  ['ποιος ειναι ο εκμισθωτης', LEASE, /Πράσινο Σπίτι/],
  ['Ποιός είναι ο εκμισθωτής;', LEASE, /Πράσινο Σπίτι/],
  ['ΠΟΣΟ ΕΙΝΑΙ ΤΟ ΜΗΝΙΑΙΟ ΕΝΟΙΚΙΟ;', LEASE, /650,00/],
  ['missa hatapysaytyspainike on', STOP, /vasemmalla/],
])('in capitals or without accents, %s', async (question, found, answer) => {
  const quotes = await ask(question, found);
  expect(quotes).toHaveLength(1);
  expect(quotes[0]).toMatch(answer);
});

test('a question without accents asks for the same kind of thing', () => {
  expect(readQuestion('Kac gun izin hakkim var', analyse, 'tr').expects).toBe('number');
  expect(readQuestion('Cand se plateste chiria', analyse, 'ro').expects).toBe('time');
});

test('a word that only without its accents is a little one is looked for', () => {
  expect(readQuestion('Hur manga dagar per ar', analyse, 'sv').terms).toContain('ar');
  expect(readQuestion('Hur många dagar per år?', analyse, 'sv').terms).toContain('ar');
  expect(readQuestion('Was kostet Uber?', analyse, 'de').terms).toContain('uber');
  expect(readQuestion('Su ne kadar', analyse, 'tr').terms).toContain('su');
  expect(readQuestion('Le parking est gratuit ou payant ?', analyse, 'fr').expects).toBe('anything');
});

const PARTIES = answerPassage(
  '每月租金为人民币4,500元。出租人为绿屋置业有限公司。承租人为张伟。请假申请须提交给王丽女士。本公司会计为李强。',
  { language: 'zh' },
);

test.each([
  ['出租人是谁?', ['出租人为绿屋置业有限公司。']],
  ['谁是出租人？', ['出租人为绿屋置业有限公司。']],
  ['合同的出租人是谁？', ['出租人为绿屋置业有限公司。']],
  ['出租人', ['出租人为绿屋置业有限公司。']],
  ['承租人是谁？', ['承租人为张伟。']],
  ['会计是谁？', ['本公司会计为李强。']],
  ['保证人是谁？', []],
  ['谁是房东？', []],
])('whatever stands behind a Chinese word, %s', async (question, answers) => {
  expect(await ask(question, PARTIES)).toEqual(answers);
});
