import { answerPassage } from '../../../../test/support/answer-passage.js';
import { growth, LINEAR } from '../../../../test/support/clock.js';
import { analyse } from '../../../lexical/analyser/analyser.js';
import type { AnswerPassage } from '../../answer.types.js';
import { referenceOf } from './asking/references.js';
import { ExtractiveAnswerer } from './extractive-answerer.js';

async function ask(question: string, ...passages: AnswerPassage[]): Promise<string[]> {
  const quotes: string[] = [];
  for await (const event of new ExtractiveAnswerer({ analyse }).answer({ question, passages }))
    if (event.type === 'citation') quotes.push(event.citation.quote);
  return quotes;
}

const HOUSE = answerPassage(
  'Hausordnung der Genossenschaft Lindenhof\n\n§ 5 Ruhezeiten\nDie Nachtruhe dauert von 22 bis 6 Uhr.\n\n§ 6 Haftung\nAbweichend von § 5 haftet der Mieter für Schäden.\n\n§ 7 Untervermietung\nEine Untervermietung ist nur mit Zustimmung zulässig.',
  { language: 'de' },
);
const ACT = answerPassage(
  '### Art. 8 Breaches\n\nAuthorities report a breach within 48 hours.\n\n## Chapter III\n\n### Art. 15 Fines\n\nWhoever violates Art. 8 is fined up to CHF 20,000.\n\n### Art. 16 Entry into force\n\nIt enters into force in May.',
  { title: 'Data Protection Ordinance' },
);
const AGREEMENT = answerPassage(
  '3. Fees\n\n3.1 The customer pays the fees.\n\n3.2 Late payments bear interest. It is due at once.\n\n3.3 The fees are adjusted once a year.\n\n5. Governing Law\n\nNorwegian law applies.',
  { title: 'Storage Agreement' },
);
const MANUAL = answerPassage(
  '## 3 First use\n\n1. Remove the packaging.\n2. Rinse the tank.\n3. Press the power button.\n\n## 4 Descaling\n\n1. Empty the tray.\n2. Mix the descaler.\n3. Press both cup buttons.\n4. Wait.',
);
const POLICY = answerPassage(
  'Section B – Cancellation\n\nWe pay up to 6,000 euros.\n\nSection C – Expenses\n\nDental treatment is covered. Pregnancy is covered, too.',
  { title: 'Travel policy' },
);
const REGULATION = [
  ['Article 3', 'Scope', 'It covers credit institutions.'],
  ['Article 4', 'Reporting', 'Institutions report a breach within 4 hours.'],
  ['Article 7', 'Penalties', 'The maximum fine for a breach of Article 4 is 2 000 000 euros.'],
  ['Article 7', 'Penalties', 'The maximum fine for a breach of Articles 5(1) and 6 is 500 000 euros.'],
  [
    'Article 10',
    'Entry into force',
    'Article 5(2) shall apply from 17 January 2103. It shall apply at once.',
  ],
].map(([number = '', name = '', text = '']) =>
  answerPassage(text, {
    title: 'Regulation (EU) 2099/417',
    headings: ['Regulation (EU) 2099/417', number, name],
    similarity: 0.6,
  }),
);
const RULES = answerPassage(
  '第2条（休暇）\n10日の休暇を与える。\n\n第3条（在宅勤務）\n在宅勤務は週に2日まで認める。\n\n第4条（手当）\n手当は月額5万円とする。',
  { language: 'ja' },
);

test.each([
  ['Was regelt § 7?', [AGREEMENT, HOUSE], /^Eine Untervermietung/],
  ['Was steht in § 5 der Hausordnung?', [AGREEMENT, HOUSE], /^Die Nachtruhe/],
  ['Was steht in § 3?', [AGREEMENT, HOUSE], undefined],
  ['What does Art. 15 say?', [ACT], /^Whoever violates/],
  ['What does Article 8 say about breaches?', [ACT], /^Authorities report/],
  ['What does Article 3 say?', [ACT, AGREEMENT], undefined],
  ['What does clause 3.2 say?', [ACT, AGREEMENT], /^3\.2 Late payments/],
  ['What is in clause 3.2 of the storage agreement?', [ACT, AGREEMENT], /^3\.2 Late payments/],
  ['What is step 3 of descaling?', [MANUAL], /^3\. Press both cup buttons\.$/],
  ['What does Section C of the travel policy cover?', [POLICY], /^Dental treatment/],
  ['第3条の内容は何ですか', [RULES], /^在宅勤務は/],
  ['What does Article 3 of Regulation 2099/417 cover?', REGULATION, /^It covers credit/],
  ['What does Article 14 of Regulation 2099/417 say?', REGULATION, undefined],
  ['What does Article 12 of regulation 2099/417 require?', REGULATION, undefined],
  ['What is the maximum fine for a breach of Article 4?', REGULATION, /2 000 000/],
  ['What is the maximum fine for a breach of Article 6?', REGULATION, /500 000/],
  ['What is the maximum fine for a breach of Article 9?', REGULATION, undefined],
  ['From when does Article 5(2) of Regulation 2099/417 apply?', REGULATION, /^Article 5\(2\)/],
  ['Do Article 3 and Article 7 tell the maximum fine for a breach?', REGULATION, /2 000 000/],
])('%s', async (question, passages, answer) => {
  const [quote] = await ask(question, ...passages);
  if (answer) expect(quote).toMatch(answer);
  else expect(quote).toBeUndefined();
});

test('a part is quoted from its beginning, also where its heading stands above the passage', async () => {
  expect(await ask('What does clause 3.2 say?', AGREEMENT)).toEqual([
    '3.2 Late payments bear interest.',
    'It is due at once.',
  ]);
  const below = answerPassage('Fines are paid within a month. They may be waived.', {
    headings: ['Sanctions', 'Art. 15 Fines'],
  });
  expect((await ask('What does Art. 15 say?', below))[0]).toBe('Fines are paid within a month.');
});

test.each([
  ['What does Art. 15 say?', '15'],
  ['Was regelt § 7 Abs. 2?', '7'],
  ['What is in Section C?', 'C'],
  ['Is this a section I need?', undefined],
  ['Is there a part of an article a person may read?', undefined],
  ['What does the article of 2015 say?', undefined],
  ['Step 3.5.1?', '3.5.1'],
  ['How many steps are there?', undefined],
])('%s', (question, number) => {
  expect(referenceOf(question, analyse)?.number).toBe(number);
});

test.each(['Art. ', '§', '1.', 'Section 1', ' ', '#', '1.1 a\n', 'say'])(
  'takes a time that grows with the question only: many %j',
  async (piece) => {
    expect(await growth((n) => void referenceOf(piece.repeat(n), analyse), 2_000)).toBeLessThan(LINEAR);
  },
);
