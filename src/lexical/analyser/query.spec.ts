import { computingTime, growth, LINEAR } from '../../../test/support/clock.js';
import { analyseQuery } from './query.js';

const exact = (text: string): [string, string[]][] =>
  analyseQuery(text, 'en').exact.map(({ kind, alternatives }) => [kind, alternatives[0]!]);

test('a query counts its terms, in every language of the index when it names none', () => {
  expect([...analyseQuery('cell by cell division', 'en').terms]).toEqual([
    ['cell', 2],
    ['divis', 1],
  ]);
  const terms = [...analyseQuery('Häuser', undefined, ['de']).terms.keys()];
  expect(terms).toEqual(expect.arrayContaining(['haus', 'hauser']));
});

test('a single letter is asked for beside its neighbour, unless there is nothing else', () => {
  const { terms, pairs } = analyseQuery('Does vitamin D prevent rickets?', 'en');
  expect([...terms.keys()]).toEqual(['vitamin', 'prevent', 'ricket']);
  expect(pairs).toContainEqual(['vitamin', 'd']);
  for (const query of ['R', 'What is R?']) expect([...analyseQuery(query, 'en').terms.keys()]).toEqual(['r']);
  expect([...analyseQuery('Was ist R?', undefined, ['de']).terms.keys()]).toContain('r');
});

test.each<[string, string[], string[], string[]]>([
  // One text that is taken for Spanish must not be what every English question finds.
  ['What is the history of Rome?', ['es', 'hu'], ['histori', 'rome'], ['what', 'is', 'the', 'of']],
  ['symptoms of diabetes', ['de', 'es'], ['symptom', 'diabet'], ['of']],
  ['Wie hoch ist der Berg und wer war oben?', ['de', 'es'], ['berg', 'hoch'], ['wie', 'ist', 'der', 'war']],
  // One foreign stop word tells nothing.
  ['die hard', ['de'], ['die', 'hard'], []],
  ['war crimes', ['de'], ['war', 'crime'], []],
  // Neither do those that are other words in English, beside what English has too.
  ['war in Iraq', ['de'], ['war', 'iraq'], ['in']],
  ['shoes for men', ['da', 'no'], ['shoe', 'men'], ['for']],
  ['car on road', ['fr'], ['car', 'road'], ['on']],
  ['door in wall', ['nl'], ['door', 'wall'], ['in']],
  ['are care homes safe', ['ro'], ['care', 'home', 'safe'], []],
  ['how many soldiers die in war', ['de'], ['soldier', 'die', 'war'], ['in']],
  // A name in capitals is no grammar, of no language.
  ['US war history', ['de'], ['US', 'war'], []],
  ['what is the WHO', ['de', 'es'], ['WHO', 'who'], ['what', 'is', 'the']],
  // No text is in English.
  ['Was kostet die Miete in Berlin', ['de'], ['kostet', 'miet', 'berlin'], ['was', 'in']],
  ['où est le but du projet', ['fr'], ['but', 'projet'], ['où', 'est', 'le', 'du']],
  ['but du projet', ['fr'], ['but', 'projet'], []],
  // Of languages that are alike, the one that says more of it.
  ['hvad er det for en bog', ['da', 'no'], ['bog'], ['hvad', 'er', 'det']],
  // Nothing else is asked for.
  ['who is who', ['es'], ['who', 'is'], []],
])('stop words of its own language are terms in no other: %s', (text, languages, kept, left) => {
  const terms = [...analyseQuery(text, undefined, languages).terms.keys()];
  expect(terms).toEqual(expect.arrayContaining(kept));
  expect(terms.filter((term) => left.includes(term))).toEqual([]);
});

test('neighbours are those of content words, once, in each language', () => {
  expect(analyseQuery('the flow of heat, the flow of heat', 'en').pairs).toEqual([
    ['flow', 'heat'],
    ['heat', 'flow'],
  ]);
  expect(analyseQuery('neue Häuser', undefined, ['de']).pairs).toEqual([
    ['neue', 'hauser'],
    ['neu', 'haus'],
  ]);
  expect(analyseQuery('', 'en')).toEqual({ terms: new Map(), pairs: [], exact: [] });
});

test.each([
  ['find "solar panels" here', [['quoted', ['solar', 'panel']]]],
  [
    '«heat flow» and “cold air”',
    [
      ['quoted', ['heat', 'flow']],
      ['quoted', ['cold', 'air']],
    ],
  ],
  ['an "open quote', []],
  ['צה"ל ורמטכ"ל', []],
  ['מה זה "כיפת ברזל" של צה"ל', [['quoted', ['כיפת', 'ברזל']]]],
  ['AMD-2022Q2', [['identifier', ['amd', '2022q2', 'amd-2022q2']]]],
  ['What does ISO 27001 say about access?', [['identifier', ['iso', '27001']]]],
  ['why do I get ORA-00942 in the nightly import', [['identifier', ['ora', '00942', 'ora-00942']]]],
  ['What is E4711?', [['identifier', ['e', '4711', 'e4711']]]],
  ['what is fixed in v2.3.1 for everybody?', [['identifier', ['2', '3', '1', '2.3.1']]]],
  ['which host has 192.168.10.25 now', [['identifier', ['192', '168', '10', '25', '192.168.10.25']]]],
  ['HOW MANY DAYS OF PAID LEAVE IN 2031?', []],
  ['VISITORS REGISTER UP TO 500', []],
  ['ISO 14001', [['identifier', ['iso', '14001']]]],
  [
    'what does iso 27001 say about access?',
    [
      ['identifier', ['iso', '27001']],
      ['identifier', ['27001']],
    ],
  ],
  ['rfc 9110', [['identifier', ['rfc', '9110']]]],
  ['rfc 9000', [['identifier', ['rfc', '9000']]]],
  ['sales 2022', []],
  ['error 404', [['identifier', ['error', '404']]]],
  ['who wrote Ticket 4711, and why', [['identifier', ['ticket', '4711']]]],
  [
    'who paid 4711829?',
    [
      ['identifier', ['paid', '4711829']],
      ['identifier', ['4711829']],
    ],
  ],
  ['what is in 4711829', [['identifier', ['4711829']]]],
  ['4711', [['identifier', ['4711']]]],
  [
    'the browser says ERR_CONNECTION_REFUSED.',
    [['identifier', ['err', 'connect', 'refus', 'err_connection_refused']]],
  ],
  ['set max_connections higher', [['identifier', ['max', 'connect', 'max_connections']]]],
  ['INV-2025-0117的金额是多少', [['identifier', ['inv', '2025', '0117', 'inv-2025-0117']]]],
  ['INV-2025-0117의 금액', [['identifier', ['inv', '2025', '0117', 'inv-2025-0117']]]],
  ['ISO 27001认证', [['identifier', ['iso', '27001']]]],
  ['订单4711829的状态', [['identifier', ['4711829']]]],
  [
    '송장 47118은 언제',
    [
      ['identifier', ['송장', '47118']],
      ['identifier', ['47118']],
    ],
  ],
  ['2024年の売上', []],
  ['EPS 2019', []],
  ['what did NATO 1999 decide', []],
  ['error 404 where the proxy forwards requests of many users', []],
  ['there are 4711 of them in the harbour of the old town', []],
  ['in the year 2022', []],
  ['population 50000 growth', []],
  ['mice 1,200 and 12.345 of 99999% or 12345,678', []],
  ['does p53 suppress tumours in knockin mice', []],
  ['in 2022 there were 300 of them', []],
])('%j names what has to be there word for word', (text, expected) => {
  expect(exact(text)).toEqual(expected);
});

test('a name and its number may stand there as two words', () => {
  expect(analyseQuery('ISO14001', 'en').exact[0]?.alternatives).toEqual([
    ['iso', '14001', 'iso14001'],
    ['iso', '14001'],
  ]);
});

test('what is asked for is an identifier however many languages the index holds', () => {
  const many = ['de', 'fr', 'es', 'ru', 'fi', 'hu', 'tr', 'und'];
  const found = analyseQuery('E47 Fehlermeldung', undefined, many).exact;
  expect(found.map(({ alternatives }) => alternatives[0])).toEqual([['e47']]);
});

test('hostile queries take no time', () => {
  const spent = computingTime(() => {
    for (const piece of ['a1-', '"x" ', 'AB 12 ', '"', '1_', 'A1.'])
      analyseQuery(piece.repeat(50_000), undefined, ['de', 'fr']);
  });
  expect(spent).toBeLessThan(10_000);
});

test('of a text that is pasted as a query so many words are looked up', () => {
  const characters = Array.from({ length: 20_000 }, (_, i) => String.fromCharCode(0x4e00 + i)).join(' ');
  const { terms, pairs } = analyseQuery(characters, 'zh');
  // A few of them are stop words.
  expect(terms.size).toBeGreaterThan(1900);
  expect(terms.size).toBeLessThanOrEqual(2000);
  expect(pairs).toHaveLength(terms.size - 1);
});

test('identifiers that touch each other are found apart', () => {
  const names = (text: string): string[] => exact(text).map(([, terms]) => terms.join(' '));
  expect(names('ISO 27001-A1234 and foo.RFC 9110')).toEqual(['iso 27001', '1234 a1234', 'rfc 9110']);
  expect(names('the paths 1234/5678 and a.b.c-4711/')).toEqual([
    '1234 5678 1234/5678',
    'b c 4711 a.b.c-4711',
  ]);
});

test('encoded data names nothing', () => {
  expect(exact('a1-'.repeat(200))).toEqual([]);
});

test.each(['a.', 'a1-', '1_', 'AB 12-', '1.', '1', '.', ' ', '(', 'abc 123 ', 'a_b ', '"'])(
  'takes a time that grows with the query only: many %j',
  async (piece) => {
    const ask = (n: number): unknown => analyseQuery(piece.repeat(Math.ceil(n / piece.length)), 'en');
    expect(await growth(ask, 2_400)).toBeLessThan(LINEAR);
  },
);
