import { answerPassage } from '../../../../../test/support/answer-passage.js';
import { growth, LINEAR } from '../../../../../test/support/clock.js';
import { analyse } from '../../../../lexical/analyser/analyser.js';
import type { AnswerEvent, AnswerPassage } from '../../../answer.types.js';
import { ExtractiveAnswerer } from '../extractive-answerer.js';
import { identifiersOf } from './identifiers.js';

describe('identifiersOf', () => {
  test.each([
    ['invoice INV-2025-0999 total', 'INV-2025-0999'],
    ['What is ISO 27001 about?', 'ISO 27001'],
    ['what is iso 27001 about', '27001'],
    ['order 4711829?', '4711829'],
    ['Is GPT-4 larger than COVID-19?', 'GPT-4 COVID-19'],
    ['Does v2.3.1 run on 192.168.10.25?', 'v2.3.1 192.168.10.25'],
    ['发票INV-2025-0999的总额是多少', 'INV-2025-0999'],
    ['Contract 2024-0117', '2024-0117'],
    ['What does E1234 mean?', 'E1234'],
    ['Revenue in Q3 2022, FY2023, 2022Q2, 2022, 1066-1087 and AMD-2022Q2', ''],
    ['Does 5 kg at 24 V, 5kg, 24V, 230V or 1.5kW cost 5000 euros or 1,500,000?', ''],
    ['The 2nd of the 1990s, mid-1990s, a 12-month warranty, a 500-year-old tree', ''],
    ['On 2025-03-01, 1.3.2025, 9/11, 24/7 or 10:30?', ''],
    ['Does H2O or MP3 cost USD 500 or 3.14159?', ''],
    ['Are HX-1003, hx-1999 and BOLT-1234 there?', 'HX-1003 hx-1999 BOLT-1234'],
    ['From mid-1800 to pre-1914, in Nov-2024, REPORT-2024 and FY-2023', ''],
    ['WHO WON THE SUPER BOWL 50', ''],
    ['Directive 2016/681, Regulations 2022/2065 and 2099/416', '2016/681 2022/2065 2099/416'],
    ['In the seasons 2023/24 and 2023/2024 and in 2019/2020', ''],
  ])('%s', (question, identifiers) => {
    expect(
      identifiersOf(question)
        .map(({ text }) => text)
        .join(' '),
    ).toBe(identifiers);
  });

  test.each([
    ['INV-2025-0117', 'inv-2025-0117', true],
    ['INV-2025-0117', 'INV 2025 0117', true],
    ['INV-2025-0117', 'INV20250117', true],
    ['INV-2025-0117', 'INV‑2025‑0117.', true],
    ['INV-2025-0117', 'INV-2025-01170', false],
    ['INV-2025-0117', 'XINV-2025-0117', false],
    ['ISO 27001', 'ISO27001', true],
    ['ISO27001', 'ISO/27001', true],
    ['4711829', '4,711,829', true],
    ['4711829', '14711829', false],
    ['2.3.1', '231', false],
    ['2.3.1', '2.3.1.4', false],
    ['2.3.1', 'v2.3.1', true],
    ['v2.3.1', '2.3.1', true],
    ['GPT-4', 'GPT-4.5', false],
    ['GPT-4', 'gpt4', true],
    ['INV-2025-0117', '发票INV-2025-0117的总额', true],
  ])('%s is held by %s: %s', (question, text, held) => {
    const [identifier] = identifiersOf(question);
    expect(identifier?.held.test(text)).toBe(held);
  });

  test.each(['A1-', 'A-1 ', 'AB 12 ', '1', '1.', '1,', 'a', '-', 'A'])(
    'takes a time that grows with the question only: %j',
    async (piece) => {
      expect(await growth((n) => identifiersOf(piece.repeat(n)), 2_000)).toBeLessThan(LINEAR);
    },
  );
});

const passage = (docId: string, text: string, extra: Partial<AnswerPassage> = {}): AnswerPassage =>
  answerPassage(text, { documentId: docId, docId, ...extra });

const invoice = (number: string, due: string): AnswerPassage =>
  passage(
    number,
    `Invoice ${number}\nBilled to Brandt Marine Ltd.\nTotal due: ${due} EUR\nPayable within 14 days.`,
  );
const INVOICES = [
  invoice('INV-2025-0116', '310.00'),
  invoice('INV-2025-0117', '4,280.50'),
  invoice('INV-2025-0118', '95.20'),
];
const LIST = passage(
  'list',
  'Invoice INV-2025-0116\nTotal due: 310.00 EUR\n\nInvoice INV-2025-0117\nTotal due: 4,280.50 EUR\n\nInvoice INV-2025-0118\nTotal due: 95.20 EUR',
);

async function ask(question: string, passages: readonly AnswerPassage[], similar?: number) {
  const events: AnswerEvent[] = [];
  const similarity = async (_: string, texts: readonly string[]) => texts.map(() => similar ?? 0);
  const answerer = new ExtractiveAnswerer({ analyse, ...(similar === undefined ? {} : { similarity }) });
  for await (const event of answerer.answer({ question, passages })) events.push(event);
  const done = events.at(-1);
  const quotes = events.flatMap((event) => (event.type === 'citation' ? [event.citation.quote] : []));
  return { quotes, supported: done?.type === 'done' && done.supported };
}

describe('answers about what a question names', () => {
  test.each([
    'invoice INV-2025-0999 total',
    'What is the total due of invoice INV-2025-0999?',
    'INV-2025-0999',
    'Total due of INV-2025-0117 and INV-2025-0999',
  ])('nothing about another one: %s', async (question) => {
    expect(await ask(question, [...INVOICES, LIST], 0.6)).toEqual({ quotes: [], supported: false });
  });

  test.each([
    ['total due INV-2025-0117', INVOICES],
    ['What is the total due of invoice INV-2025-0117?', [LIST]],
  ])('what stands below it: %s', async (question, passages) => {
    const { quotes, supported } = await ask(question, passages);
    expect([supported, quotes[0]]).toEqual([true, 'Total due: 4,280.50 EUR']);
    expect(quotes.join()).not.toMatch(/310|95\.20/);
  });

  test('an identifier alone is answered with what stands under it, whatever an encoder makes of it', async () => {
    expect(await ask('INV-2025-0117', INVOICES, -0.2)).toEqual({
      quotes: ['Billed to Brandt Marine Ltd.', 'Total due: 4,280.50 EUR', 'Payable within 14 days.'],
      supported: true,
    });
  });

  test('a title holds it for its passage', async () => {
    const [, { text }] = INVOICES as [AnswerPassage, AnswerPassage];
    const titled = passage('x', text.replace(/^.*\n/, ''), { title: 'INV-2025-0117.pdf' });
    expect((await ask('total due INV-2025-0117', [titled])).quotes[0]).toBe('Total due: 4,280.50 EUR');
  });

  const HEAD = 'Invoice no. 2025-0387\nInvoice date 28.05.2025';
  const FOOT = 'Subtotal 2,479.80\nTotal due 2,950.96 EUR\nIBAN DE12 5001 0517 0648';
  test.each([
    ['another passage of its document', [passage('a', HEAD), passage('a', FOOT, { charStart: 500 })]],
    ['the name of its file', [passage('a', FOOT, { fileName: 'invoice-2025-0387.pdf' })]],
  ])('%s holds it for a passage', async (_, passages) => {
    const { quotes } = await ask('What is the total due of invoice 2025-0387?', passages);
    expect(quotes[0]).toBe('Total due 2,950.96 EUR');
  });

  test('a document that names others of the kind, or another document, holds it for no passage', async () => {
    const foot = passage('a', FOOT, { charStart: 500 });
    const question = 'What is the total due of invoice 2025-0387?';
    const { quotes } = await ask(question, [passage('a', `${HEAD}\nReplaces 2025-0386`), foot]);
    expect(quotes.join()).not.toMatch(/2,950/);
    expect((await ask(question, [passage('b', HEAD), foot])).quotes.join()).not.toMatch(/2,950/);
  });

  test('a name with a number need not stand in the sentence', async () => {
    const covid = passage(
      'covid',
      'COVID-19 is caused by a virus. The incubation period of the illness is five days.',
    );
    const question = 'How long is the incubation period of COVID-19?';
    expect((await ask(question, [covid])).quotes[0]).toMatch(/five days/);
    expect((await ask(question.replace('19', '23'), [covid])).supported).toBe(false);
  });

  const valve = (code: string, text: string): AnswerPassage =>
    passage('valves', text, { chunkId: code, headings: ['Valve book', code] });
  const VALVES = [
    valve('KV-3000', 'The valve is made of brass. It costs 40 euros.'),
    valve('KV-3001', 'The valve is made of steel.'),
    valve('KV-3002', 'The valve is made of bronze. It costs 75 euros.'),
  ];

  test('what stands under the heading of another one is about that', async () => {
    expect((await ask('How much does the KV-3002 cost?', VALVES)).quotes).toEqual(['It costs 75 euros.']);
    expect((await ask('How much does the KV-3001 cost?', VALVES, 0.6)).supported).toBe(false);
  });

  const CHANGES = [
    ['4.3.0 (2024-09-12)', 'Added', 'Single sign-on with SAML 2.0.\nExport of dashboards as PDF.'],
    ['4.3.0 (2024-09-12)', 'Changed', 'The default session timeout is now 30 minutes.'],
    ['4.2.0 (2024-06-03)', 'Added', 'Dark mode.'],
    ['4.2.0 (2024-06-03)', 'Removed', 'The legacy SOAP API.\nSupport for Internet Explorer 11.'],
    ['4.1.0 (2024-02-01)', 'Added', 'Kanban board.'],
    ['4.1.0 (2024-02-01)', 'Removed', 'The Flash-based report viewer.'],
  ] as const;
  const ITEMS = CHANGES.map(([version, kind, text]) =>
    passage('log', text.replaceAll(/^/gm, '- '), { headings: ['FlowDesk changelog', version, kind] }),
  );
  const LOG = passage(
    'log',
    CHANGES.map(([version, kind, text], i) => {
      const isSame = CHANGES[i - 1]?.[0] === version;
      return `${isSame ? '' : `## ${version}\n\n12.09.2024\n\n`}### ${kind}\n\n${text.replaceAll(/^/gm, '- ')}\n\n`;
    }).join(''),
    { title: 'FlowDesk changelog' },
  );

  test.each([
    ['What was removed in FlowDesk 4.2.0?', ['The legacy SOAP API.', 'Support for Internet Explorer 11.']],
    ['What was added in 4.3.0?', ['Single sign-on with SAML 2.0.', 'Export of dashboards as PDF.']],
    ['What was removed in 4.1.0?', ['The Flash-based report viewer.']],
    ['What changed in version 4.3.0?', ['The default session timeout is now 30 minutes.']],
    ['What was removed in 4.3.0?', []],
    ['What was added in 4.4.0?', []],
  ])('%s', async (question, told) => {
    const titled = ITEMS.map((item) => ({ ...item, title: 'FlowDesk 4.3.0' }));
    for (const passages of [ITEMS, titled, [LOG]]) {
      const { quotes } = await ask(question, passages);
      expect(quotes.map((quote) => quote.replace(/^- /, ''))).toEqual(told);
    }
  });

  const POLICE = [
    passage('680', 'Member States shall adopt the laws by 6 May 2018.', {
      title: 'Directive (EU) 2016/680',
    }),
    passage('680', 'It repeals Decision 2008/977. Directive 2016/680 must be transposed by 6 May 2018.', {
      title: 'Directive (EU) 2016/680',
    }),
  ];

  test('a directive is told by its year and a number of three digits', async () => {
    const question = 'By when must Directive 2016/680 be transposed?';
    expect((await ask(question, POLICE)).quotes[0]).toMatch(/transposed by 6 May 2018/);
    expect((await ask(question.replace('680', '681'), POLICE, 0.6)).supported).toBe(false);
  });

  test('the year in the number of a regulation is no year that is asked about', async () => {
    const gdpr = [
      passage('gdpr', 'Regulation 2016/679 protects natural persons.'),
      passage('gdpr', 'This Regulation shall apply from 25 May 2018.', { charStart: 500 }),
    ];
    expect((await ask('From when does Regulation 2016/679 apply?', gdpr)).quotes[0]).toMatch(/25 May 2018/);
  });

  test('periods and amounts name nothing', async () => {
    const report = passage('amd', 'In the third quarter of 2022 the revenue was 5,565 million dollars.');
    expect((await ask('What was the revenue in Q3 2022?', [report])).supported).toBe(true);
  });
});
